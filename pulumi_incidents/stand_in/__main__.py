"""The plugin process: prints its port, then answers the engine until the engine ends it."""

from __future__ import annotations

import os
import sys
import threading
import time
from importlib.metadata import version

from pulumi.provider.experimental.server import main

from pulumi_incidents.stand_in.plugin import LocalAwsProvider


def _end_with_parent() -> None:
    """End the process when the engine is gone without having ended it."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # The engine warns of a plugin that is older than the SDK of the program.
    main(sys.argv[1:], version("pulumi-aws"), LocalAwsProvider())
