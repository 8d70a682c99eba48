"""How much work something is: counted and not timed, the same on every machine."""

from __future__ import annotations

import gc
import sys


def calls(call):
    """Return through how many Python functions a call goes."""
    return _counted("call", sys.getprofile, sys.setprofile, call)


def lines(call):
    """Return through how many lines of Python a call goes."""
    return _counted("line", sys.gettrace, sys.settrace, call)


def _counted(event, current, use, call):
    """Count what a call does of its own.

    Garbage is not collected meanwhile, since a collection comes when it likes, and calls what
    others hung on it. Hypothesis does, with a function at its start and at its end.
    """
    number = 0

    def count(_, what, __):
        nonlocal number
        number += what == event
        return count

    before, collects = current(), gc.isenabled()
    gc.disable()
    use(count)
    try:
        call()
    finally:
        use(before)
        if collects:
            gc.enable()
    return number
