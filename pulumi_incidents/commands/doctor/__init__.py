"""`doctor`: would it work? What was seen of a live account, why it matters, and the mend."""

from pulumi_incidents.commands.doctor.command import main

__all__ = ["main"]
