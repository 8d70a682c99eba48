"""Keep the state of the local AWS in a file: load it at the start, save it when it has changed.

A save waits for the requests that are being handled, and new ones wait for the save, so that a
file has whole requests only: all that were answered up to some moment, and none after it.
"""

from __future__ import annotations

import gc
import sqlite3
import sys
import time
from contextlib import contextmanager
from threading import Condition, Event, Lock, Thread, get_ident
from typing import TYPE_CHECKING

from pulumi_incidents.emulator.clock import CLOCK
from pulumi_incidents.emulator.storage.lock import LOCK
from pulumi_incidents.emulator.storage.snapshots import Key, living, restore, take
from pulumi_incidents.emulator.storage.state_file import StateError, StateFile, UnloadableStateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from moto.core.base_backend import BaseBackend

# Seconds. How long changes are collected, how long to wait after a save that failed, and how long
# a save waits for a request: one that takes longer waits for something, as a long poll does.
_DELAY, _RETRY, _PATIENCE = 0.8, 5.0, 0.1


class SaveError(Exception):
    """The state could not be saved; it is kept in memory, and the file has what it had."""


class Storage:
    """The state of this process, kept in a file. Raises what `StateFile` raises."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = StateFile(path)
        self._requests = _Requests()
        self._changed = Event()
        self._saving = Lock()
        self._left_out: set[str] = set()
        try:
            for key, snapshot in self._file.read().items():
                self._load(key, snapshot)
            CLOCK.load(self._file.clock)
            self._file.accept()
        except StateError:
            self._file.close()
            raise
        Thread(target=self._keep_saving, name="storage", daemon=True).start()

    def handling(self) -> AbstractContextManager[None]:
        """Stand around the handling of a request."""
        return self._requests.handling()

    def changed(self) -> None:
        """Tell that there is something to save: it is done within about a second."""
        self._changed.set()

    def save(self) -> None:
        """Save now; raise `SaveError` if that does not work."""
        with self._saving:
            self._changed.clear()
            self._requests.pause()
            try:
                taken = self._take()
            finally:
                self._requests.resume()
            self._write(*taken)

    def close(self) -> None:
        """Save for the last time, after which no request is handled; raise as `save` does."""
        self._saving.acquire()
        self._requests.pause()
        try:
            self._write(*self._take())
        finally:
            self._file.close()

    def _load(self, key: Key, snapshot: bytes) -> None:
        try:
            restore(key, snapshot)
        except Exception as error:
            raise UnloadableStateError(
                f"The state file {self._path} cannot be loaded ({key.backend}: {error!r}): "
                "remove it to start from nothing."
            ) from error

    def _keep_saving(self) -> None:
        failed = False
        while self._changed.wait():
            time.sleep(_DELAY)
            try:
                self.save()
            except SaveError as error:
                if not failed:
                    sys.stderr.write(f"{error} It is tried again every {_RETRY:.0f} seconds.\n")
                failed = True
                time.sleep(_RETRY)
            else:
                if failed:
                    sys.stderr.write(f"The state is saved to {self._path} again.\n")
                failed = False

    def _take(self) -> tuple[dict[Key, bytes], str]:
        with LOCK, _uncollected():
            taken = {key: self._take_one(key, backend) for key, backend in living().items()}
            clock = CLOCK.dump()
        return {key: snapshot for key, snapshot in taken.items() if snapshot is not None}, clock

    def _take_one(self, key: Key, backend: BaseBackend) -> bytes | None:
        try:
            return take(backend)
        except Exception as error:  # noqa: BLE001 - whatever an object of moto raises
            if key.backend not in self._left_out:
                self._left_out.add(key.backend)
                sys.stderr.write(f"The state of {key.backend} is not saved ({error!r}).\n")
            return None

    def _write(self, snapshots: dict[Key, bytes], clock: str) -> None:
        try:
            self._file.write(snapshots, clock)
        except (sqlite3.Error, OverflowError) as error:  # OverflowError: too large for a row
            self._changed.set()
            raise SaveError(f"The state was not saved to {self._path} ({error}).") from error


class _Requests:
    """The requests that are being handled."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._since: dict[int, float] = {}  # by thread
        self._paused = False

    @contextmanager
    def handling(self) -> Iterator[None]:
        """Wait while there is a pause, and be one of those that a pause waits for."""
        with self._condition:
            self._condition.wait_for(lambda: not self._paused)
            self._since[get_ident()] = time.monotonic()
        try:
            yield
        finally:
            with self._condition:
                del self._since[get_ident()]
                self._condition.notify_all()

    def pause(self) -> None:
        """Let no request begin, and wait for those that have, but not for long."""
        with self._condition:
            self._paused = True
            self._condition.wait_for(self._is_quiet, _PATIENCE)

    def resume(self) -> None:
        """Let requests begin again."""
        with self._condition:
            self._paused = False
            self._condition.notify_all()

    def _is_quiet(self) -> bool:
        recent = time.monotonic() - _PATIENCE
        return all(since < recent for since in self._since.values())


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector out: walking over all objects, it doubles the time of a save."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
