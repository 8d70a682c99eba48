"""AWS Systems Manager Incident Manager as code: `providers`, `stacks` and a local `emulator`."""

__version__ = "0.1.0"
