"""The pages of the checks. Real: the checks, and the files."""

from __future__ import annotations

import re

import botocore.session
import pytest

from pulumi_incidents.commands.doctor import pages
from pulumi_incidents.commands.doctor.catalog import BY_NAME, CHECKS
from tests.conftest import ROOT
from tools import checks

DOCS = ROOT / "docs"
TESTS = [*(ROOT / "tests").glob("test_doctor_*.py")]
each_check = pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])


def test_the_pages_are_what_the_checks_say():
    """They are never edited by hand and never out of date: `make docs` writes them."""
    paths = [DOCS / "checks.md", *(DOCS / "checks").glob("*.md")]
    assert {str(path.relative_to(DOCS)): path.read_text() for path in paths} == checks.files()


def test_a_name_is_that_of_one_check():
    """Ignores, reports and pages go by it."""
    assert len(BY_NAME) == len(CHECKS)


@each_check
def test_a_fault_is_planted_for_each_check(check):
    """The tests of its subject name it; those of the command and its reports plant none."""
    general = ("command", "denied", "document", "formats", "pages", "report", "scale", "written")
    files = [path for path in TESTS if not path.stem.endswith(general)]
    assert len(files) > 10
    assert any(f'"{check.name}"' in path.read_text() for path in files)


@each_check
def test_a_check_is_told_in_words(check):
    """Its name is in kebab-case, its title has no point, its why is a sentence of one line."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", check.name)
    assert len(check.title) < 90
    assert re.fullmatch(r"[A-Z].*[^.]", check.title)
    assert re.fullmatch(r"[A-Z].*[.]", check.why)


@each_check
def test_a_page_names_the_calls_that_are_made(check):
    """Who reads it knows which permissions the check needs, or which other check says it."""
    page = pages.page(check)
    called = re.findall(r"`([a-z-]+):([A-Z]\w+)`", page)
    others = {name for name in re.findall(r"`([a-z-]+)`", page) if name in BY_NAME}
    assert called or others - {check.name}, page
    session = botocore.session.get_session()
    for service, operation in called:
        names = SERVICES.get(service, [service])
        models = [session.get_service_model(name) for name in names]
        assert any(operation in model.operation_names for model in models) or (
            operation in ACTIONS
        ), f"{service}:{operation}"


# Prefixes of IAM actions that are not what botocore calls the service.
SERVICES = {"servicequotas": ["service-quotas"]}
# Actions that are no operation.
ACTIONS = ("PassRole",)
