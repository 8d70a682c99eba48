"""The file that keeps the state of the local AWS: an SQLite database of snapshots.

It is held exclusively for as long as it is open, each save is one transaction, and a digest of
everything is saved with it: what is loaded is what one save wrote.
"""

from __future__ import annotations

import os
import platform
import sqlite3
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import moto

from pulumi_incidents import __version__
from pulumi_incidents.emulator.storage.snapshots import Key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_APPLICATION = 0x50494C41  # how SQLite tells one program's databases from another's
_FORMAT = 1  # of the tables: raise it when they change
_SCHEMA = (
    f"PRAGMA application_id = {_APPLICATION}",
    """CREATE TABLE backend (
        backend TEXT, account TEXT, region TEXT, snapshot BLOB NOT NULL,
        PRIMARY KEY (backend, account, region))""",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)
# Bytes, of the smallest database. SQLite takes less for an empty file, and writes over it.
_SMALLEST = 512
# Snapshots hold the attributes of objects, ours and moto's, and sometimes bytecode. Between two
# releases, in a checkout, it is our own code that says whether they are still what it expects: that
# of `protocol`, and of each service, which is where its models are.
_ROOMS = Path(__file__).parent.parent
_SERVICES = (models.parent for models in _ROOMS.glob("*/models.py"))
_SOURCES = sorted(
    path for folder in (_ROOMS / "protocol", *_SERVICES) for path in folder.glob("*.py")
)
_CODE = sha256(b"".join(path.read_bytes() for path in _SOURCES))
_MADE_BY = {
    "pulumi-incidents": f"{__version__}+{_CODE.hexdigest()[:8]}",
    "moto": moto.__version__,
    "Python": ".".join(platform.python_version_tuple()[:2]),
}


class StateError(Exception):
    """The file cannot be used: one sentence, and the exit status for it."""

    status = 2


class UnloadableStateError(StateError):
    """The file was opened, and there is no state in it that this program can load."""

    status = 3


class StateFile:
    """An open state file. A missing or empty file is a state without anything in it.

    `clock`: what it has of the clock, "" for nothing.

    Raises `StateError` when the file cannot be had, and `UnloadableStateError` when it is not a
    state file, is damaged, or is of another format or version. Nothing is written to it before
    `accept`, so a refused file is untouched.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digests: dict[Key, bytes] = {}
        self.clock = ""
        _create(path)
        self._database = sqlite3.connect(
            path.absolute(), timeout=0, isolation_level=None, check_same_thread=False
        )
        try:
            self._hold()
        except BaseException:
            self.close()
            raise

    def read(self) -> dict[Key, bytes]:
        """Return every snapshot."""
        try:
            if self._is_new():
                return {}
            self._check()
            rows = self._database.execute("SELECT * FROM backend")
            snapshots = {Key(*row[:3]): row[3] for row in rows}
            self._digests = _digests(snapshots)
            self.clock = self._meta().get("clock", "")
            if self._meta().get("digest") != _digest(self._digests, self.clock):
                raise self._damaged("its digest is another one")
        except (sqlite3.Error, AttributeError, TypeError, ValueError) as error:
            raise self._damaged(error) from None
        return snapshots

    def accept(self) -> None:
        """Write to the file for the first time: what was read from it could be loaded."""
        try:
            if self._is_new():
                for statement in _SCHEMA:
                    self._database.execute(statement)
                self._set_meta(**_MADE_BY, digest=_digest({}, ""))
            # Also when it has it already: a file that cannot be written is told of now.
            self._database.execute(f"PRAGMA user_version = {_FORMAT}")
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise StateError(f"The state file {self._path} cannot be written ({error}).") from None

    def write(self, snapshots: Mapping[Key, bytes], clock: str) -> None:
        """Make the file hold these snapshots and this clock: all or, if this raises, what it held.

        Only what has changed is written, and nothing if nothing has.
        """
        digests = _digests(snapshots)
        if digests == self._digests and clock == self.clock:
            return
        new = [key for key in digests if digests[key] != self._digests.get(key)]
        with self._transaction():
            self._database.executemany(
                "DELETE FROM backend WHERE backend = ? AND account = ? AND region = ?",
                self._digests.keys() - digests.keys(),
            )
            self._database.executemany(
                "REPLACE INTO backend VALUES (?, ?, ?, ?)",
                ((*key, snapshots[key]) for key in new),
            )
            self._set_meta(digest=_digest(digests, clock), clock=clock)
        self._digests, self.clock = digests, clock

    def close(self) -> None:
        """Let others have the file."""
        self._database.close()

    def _hold(self) -> None:
        """Lock the file until it is closed; the first transaction is open until `accept`."""
        try:
            if self._path.stat().st_size == 0:  # it writes to the file
                self._database.execute("PRAGMA auto_vacuum = FULL")  # the file shrinks too
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise StateError(
                    f"The state file {self._path} is in use by another local AWS: "
                    "stop that one, or name another file."
                ) from None
            raise StateError(f"The state file {self._path} cannot be used ({error}).") from None
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from None

    def _is_new(self) -> bool:
        (tables,) = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return not tables and not self._number("application_id")

    def _check(self) -> None:
        """See that the file is one of ours, whole, and of these versions."""
        if self._number("application_id") != _APPLICATION:
            raise _foreign(self._path)
        if (found := self._number("user_version")) != _FORMAT:
            raise self._unloadable(f"is of format {found}, and this program reads {_FORMAT}")
        (verdict,) = self._database.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise self._damaged(verdict.splitlines()[-1])
        meta = self._meta()
        for name, version in _MADE_BY.items():
            if meta.get(name) != version:
                raise self._unloadable(
                    f"was saved with {name} {meta.get(name)}, and this is {version}"
                )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN EXCLUSIVE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:  # some errors have ended it already
                self._database.execute("ROLLBACK")
            raise

    def _number(self, pragma: str) -> int:
        (value,) = self._database.execute(f"PRAGMA {pragma}").fetchone()
        return int(value)

    def _meta(self) -> dict[str, str]:
        return dict(self._database.execute("SELECT name, value FROM meta"))

    def _set_meta(self, **values: str) -> None:
        self._database.executemany("REPLACE INTO meta VALUES (?, ?)", values.items())

    def _damaged(self, error: object) -> UnloadableStateError:
        return self._unloadable(f"is damaged ({error})")

    def _unloadable(self, what: str) -> UnloadableStateError:
        return UnloadableStateError(
            f"The state file {self._path} {what}: remove it to start from nothing."
        )


def _create(path: Path) -> None:
    """See that the file is one, and that nobody else can read a new one: it holds keys."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK, 0o600))
    except OSError as error:
        raise StateError(f"The state file {path} cannot be opened ({error.strerror}).") from None
    if not path.is_file():
        raise StateError(f"The state file {path} is not a regular file: name another one.")
    if 0 < path.stat().st_size < _SMALLEST:
        raise _foreign(path)


def _foreign(path: Path) -> UnloadableStateError:
    return UnloadableStateError(f"{path} is not a state file of the local AWS: name another file.")


def _digests(snapshots: Mapping[Key, bytes]) -> dict[Key, bytes]:
    return {key: sha256(snapshot).digest() for key, snapshot in snapshots.items()}


def _digest(digests: Mapping[Key, bytes], clock: str) -> str:
    """Return one digest of everything: SQLite itself has no checksums."""
    whole = sha256(clock.encode())
    for key in sorted(digests):
        whole.update("\0".join(key).encode() + digests[key])
    return whole.hexdigest()
