"""Who has which shift: a calendar for the wall, as a picture, and for people's own calendars."""

from pulumi_incidents.commands.rota.command import main as main
