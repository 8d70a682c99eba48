"""The command; where it is not on PATH it is `python -m pulumi_incidents.commands`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command; Ctrl-C ends it quietly while it is still being loaded, too."""
    try:
        from pulumi_incidents.commands import app  # noqa: PLC0415 - what takes time to load

        app.main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
