"""The one lock over all that the emulated services keep."""

from __future__ import annotations

from threading import RLock

# Held for every call, and while a snapshot is taken: an operation, its client token and a reset are
# one step each, also where one service works on another.
LOCK = RLock()
