"""What one test could leave in the process for the next: tests hold in any order.

What libraries and the providers keep for as long as a process lives is taken back after each test.
What only a test itself can change is compared, because the test has to take it back where it fails
too, with `monkeypatch` for example.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pulumi
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config
from pulumi.runtime import settings
from pulumi.runtime.config import set_all_config

from pulumi_incidents.providers import _aws, _backend, _declaration


@contextmanager
def isolated():
    """Let what happens in the block neither stay in this process nor go unnoticed."""
    before = _process()
    with _event_loop():
        try:
            yield
        finally:
            _forget()
    after = _process()
    assert {key: after[key] for key in after if after[key] != before[key]} == {}, "left behind"


@contextmanager
def _event_loop():
    """Give the SDK an event loop, which it looks for in its thread, and end what is left in it.

    The SDK's mock of the engine answers in threads of that loop, where it looks for loops as well:
    it finds some that are closed in the end, as its own would never be.
    """
    loops = []

    def give():
        loops.append(asyncio.new_event_loop())
        loops[-1].set_exception_handler(_unless_refused)
        asyncio.set_event_loop(loops[-1])

    async def end():
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await loops[0].shutdown_default_executor()

    give()
    loops[0].set_default_executor(ThreadPoolExecutor(initializer=give))
    try:
        yield
    finally:
        loops[0].run_until_complete(end())
        for loop in loops:
            loop.close()
        asyncio.set_event_loop(None)


def _unless_refused(loop, context):
    """Log what nobody has looked at, but for what a component refuses: its program tells that.

    The SDK leaves such errors in futures, which are collected at any time. To log one, Python 3.11
    parses code, which fails in the midst of parsing some: github.com/python/cpython/issues/106905.
    """
    if not isinstance(context.get("exception"), pulumi.RunError):
        loop.default_exception_handler(context)


def _forget():
    """Make the SDK and the providers what they are after an import."""
    settings.configure(settings.Settings(project="project", stack="stack"))
    settings.set_root_resource(None)
    set_all_config({}, [])
    _aws.configure(ConfigureRequest(Config({}, "incidents")))
    _aws._verdicts.clear()
    _declaration._declared.clear()
    _backend._backend.cache_clear()
    if hasattr(sys, "tracebacklimit"):  # what hides the traceback of an expected failure
        del sys.tracebacklimit


def _process():
    """Return what nobody but a test changes."""
    variables = {key: value for key, value in os.environ.items() if key != "PYTEST_CURRENT_TEST"}
    return {
        "environment": variables,
        "folder": Path.cwd(),
        "module path": list(sys.path),
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
    }
