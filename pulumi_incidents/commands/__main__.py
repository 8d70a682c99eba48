"""The command, where it is not on PATH: `python -m pulumi_incidents.commands`."""

from pulumi_incidents.commands.app import main

main()
