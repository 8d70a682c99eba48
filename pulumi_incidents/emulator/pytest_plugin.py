"""The pytest fixture `incident_manager`: a local AWS that is empty at the start of each test.

pytest loads this module wherever the package is installed, so it imports nothing that pytest has
not imported. The server starts with the first test that asks for it, one for each worker of
pytest-xdist, and ends with the tests. It needs the extra `emulator`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pulumi_incidents.emulator.testing import LocalAws


@pytest.fixture(scope="session")
def incident_manager_session() -> Iterator[LocalAws]:
    """Run a local AWS for fixtures of a wider scope than one test; it is not emptied between."""
    from pulumi_incidents.emulator.testing import LocalAwsError, running  # noqa: PLC0415 - boto3

    try:
        with running() as aws:
            yield aws
    except LocalAwsError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def incident_manager(incident_manager_session: LocalAws) -> LocalAws:
    """Return a local AWS with an ACTIVE replication set in us-east-1 and nothing else.

    `emulator.testing.LocalAws` says what it offers: `url`, `environment`, `client("sns")`,
    `requests()`, `operations()`, `messages()`; `fail`, `delay`, `lose_answer`, `heal`, `reset`; the
    time with `clock()`, `set_clock`, `advance`; people with `seed`, `pages()`, `engaged(incident)`,
    `acknowledge`, `activations()`, `activate`.
    """
    from pulumi_incidents.emulator.testing import LocalAwsError  # noqa: PLC0415 - boto3

    try:
        incident_manager_session.reset()
    except LocalAwsError as error:
        pytest.fail(str(error), pytrace=False)
    return incident_manager_session
