"""`pulumi-incidents` with a network in between: `python -m benchmarks.slowed SECONDS WORDS…`."""

from __future__ import annotations

import sys
import time
from typing import Any

from pulumi_incidents.commands import app
from pulumi_incidents.commands._aws import Account


def main(seconds: str, *words: str) -> None:
    """Run the command; each request to AWS takes so much longer."""
    make = Account.__init__

    def made(self: Account, settings: Any) -> None:
        make(self, settings)
        events = self._session.events
        events.register("before-send", lambda **_: time.sleep(float(seconds)))

    Account.__init__ = made  # type: ignore[method-assign]
    sys.argv = ["pulumi-incidents", *words]
    app.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
