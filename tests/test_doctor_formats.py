"""The report in each format: for people, for programs, for CI and for code scanning.

Real: what reads the formats, which is the published schema of SARIF 2.1.0 with jsonschema, and
junitparser; the findings are made by hand.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import tarfile
from io import StringIO

import jsonschema
import junitparser
import pytest
from rich.console import Console

from pulumi_incidents.commands.doctor.formats import data, junit, sarif, text
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen
from tests.findings import (
    ANA,
    DENIED,
    NOTHING,
    PATIENCE,
    PLAN,
    POLICY,
    ROLE,
    SECRET,
    SHOP,
    TOPIC,
    TRUST,
    report,
)

# It has the schema of OASIS; nothing of it is run.
PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
INTEGRITY = (
    "A1fOhPd6Ic5iDk4F9YPw1qNB4XF+7+IviR7xl8r2F6QzQkx5cpY9LsGk2rExiFIEcBbjpVnSmwWGBukASkiQ9A=="
)


# For people


def test_the_text_tells_the_worst_first_and_what_is_fine_last():
    """What was seen, why it matters, and the mend; nothing unseen is said to be fine."""
    assert (
        text.render(report(NOTHING))
        == f"""\
Account 123456789012 in us-east-1, 1 response plan, 2026-12-24 18:00 UTC

ERROR  topic-policy  Expected: Topics let Incident Manager publish (1 of 2)
  {TOPIC}  (of Shop)
    Seen: Its policy shuts Incident Manager <out>.
    Mend: Let it in.
    Why: It matters.
    More: pulumi-incidents doctor --explain topic-policy

NOTE  two-kinds  Expected: Everybody has channels of two kinds
  {ANA}
    Seen: Ana has a mailbox & nothing else.
    Mend: Add a phone.
    Why: It matters.
    More: pulumi-incidents doctor --explain two-kinds

NOT SEEN  role-trust
  {ROLE}
    Nobody knows: {DENIED}

ok  plan-exists               Every response plan exists (1)
--  nothing to look at, as far as was seen: pagerduty-secret
There is nothing to ignore for two-kinds:*:contact/zoe: take it out.

1 error, 1 note, 1 not seen, 1 check fine.
"""
    )


def test_the_text_says_once_what_many_have_in_common():
    """A mend, a reason and what was seen are told for all resources that they are the same of."""
    topics = [f"{TOPIC}-{number}" for number in range(3)]
    shut = [Finding(topic, "It is shut.", "Let it in.") for topic in topics[:2]]
    found = {
        POLICY: [*shut, Finding(topics[2], "It is gone.", "Let it in.")],
        TRUST: [NotSeen(ROLE, DENIED), NotSeen(f"{ROLE}-2", DENIED)],
        SECRET: [NotSeen(ROLE, DENIED)],
    }
    assert text.render(report(found=found)).splitlines()[2:16] == [
        "ERROR  topic-policy  Expected: Topics let Incident Manager publish (3 of 3)",
        f"  {TOPIC}-0",
        f"  {TOPIC}-1",
        "    Seen: It is shut.",
        f"  {TOPIC}-2",
        "    Seen: It is gone.",
        "    Mend: Let it in.",
        "    Why: It matters.",
        "    More: pulumi-incidents doctor --explain topic-policy",
        "",
        "NOT SEEN  role-trust, pagerduty-secret",
        f"  {ROLE}",
        f"  {ROLE}-2",
        f"    Nobody knows: {DENIED}",
    ]


def test_the_text_is_short_about_what_is_fine():
    """A few sentences are worth reading, and the rest is in the JSON."""
    found = {PLAN: [Fine(f"{SHOP}-{number}", seen=f"Shop {number}.") for number in range(5)]}
    assert text.render(report(found=found)).splitlines()[2:7] == [
        "ok  plan-exists               Every response plan exists (5)",
        "    Seen: Shop 0.",
        "    Seen: Shop 1.",
        "    Seen: Shop 2.",
        "    Seen: and 2 more, which --json has",
    ]


def test_the_text_names_what_is_ignored_with_its_reason():
    """What somebody lives with is seen by whoever comes after."""
    told = text.render(report(PATIENCE))
    assert f"ignored  two-kinds: {ANA}\n    Reason: has a satellite phone\n" in told
    assert told.endswith("1 error, 1 not seen, 1 ignored, 1 check fine.\n")


def test_what_one_missing_permission_hides_is_told_once():
    """Of 200 people whom nobody may read one sentence is enough, with * for each of them."""
    me = "arn:aws:iam::123456789012:user/me"
    whys = [f"ssm-contacts:GetContact on {arn} is denied to {me}: allow it." for arn in (ANA, SHOP)]
    found = {PLAN: [NotSeen(arn, why) for arn, why in zip((ANA, SHOP), whys, strict=True)]}
    told = text.render(report(found=found))
    assert f"    Nobody knows: ssm-contacts:GetContact on * is denied to {me}: allow it.\n" in told
    assert told.count("NOT SEEN") == 1
    assert told.index(ANA) < told.index(SHOP) < told.index("Nobody knows")


def test_a_narrow_terminal_wraps_sentences_and_no_arn():
    """What is copied from a terminal is whole, and lines go on below their beginning."""
    out = StringIO()
    console = Console(file=out, width=60, force_terminal=True, markup=False, highlight=False)
    text.show(report(), console)
    told = out.getvalue()
    assert "\x1b[" in told
    assert TOPIC in told
    assert ROLE in told
    assert "\n                  " in told


def test_a_narrow_terminal_leaves_commands_whole():
    """A mend is run as it is copied, in however narrow a terminal."""
    command = f"`aws sns set-topic-attributes --topic-arn {TOPIC} --attribute-name Policy`"
    out = StringIO()
    found = {PLAN: [Finding(SHOP, "It is shut.", f"Open it, and do so soon, with {command}.")]}
    text.show(report(found=found), Console(file=out, width=60))
    assert f"{command}.\n" in out.getvalue()


# For programs


def test_the_json_has_everything_that_was_looked_at():
    """A program sees what a person sees, what is fine included."""
    told = json.loads(data.render(report(PATIENCE, NOTHING)))
    assert told["counts"] == {"error": 1, "fine": 2, "unseen": 1, "ignored": 1}
    assert told["plans"] == [SHOP]
    assert told["unused_ignores"] == ["two-kinds:*:contact/zoe=left"]
    assert told["checks"][0] == "plan-exists"
    found = {(each["check"], each["subject"]): each for each in told["results"]}
    assert found["topic-policy", TOPIC] == {
        "check": "topic-policy",
        "status": "finding",
        "level": "error",
        "subject": TOPIC,
        "plans": [SHOP],
        "seen": "Its policy shuts Incident Manager <out>.",
        "matters": "It matters.",
        "mend": "Let it in.",
        "ignored": None,
    }
    assert found["role-trust", ROLE]["status"] == "unseen"
    assert found["role-trust", ROLE]["seen"] == DENIED
    assert found["plan-exists", SHOP]["seen"] is None
    assert found["two-kinds", ANA]["ignored"] == "has a satellite phone"


# For CI


def cases(told):
    """Return the test cases as a CI reads them: by check and subject, how each of them ended."""
    suites = junitparser.JUnitXml.fromstring(told.encode())
    return {
        (suite.name, case.name): [(type(each).__name__, each.message) for each in case.result]
        for suite in suites
        for case in suite
    }


def test_junit_has_a_test_for_each_subject():
    """Only what is fine, and what is less bad than asked for, is green."""
    told = junit.render(report(), Level.WARNING)
    assert cases(told) == {
        ("plan-exists", SHOP): [],
        ("topic-policy", TOPIC): [("Failure", "Its policy shuts Incident Manager <out>.")],
        ("topic-policy", f"{TOPIC}-2"): [],
        ("two-kinds", ANA): [],
        ("role-trust", ROLE): [("Error", DENIED)],
    }
    assert "Ana has a mailbox &amp; nothing else." in told
    suites = {suite.name: suite for suite in junitparser.JUnitXml.fromstring(told.encode())}
    assert suites["topic-policy"].tests == 2
    assert suites["topic-policy"].failures == 1
    assert suites["role-trust"].errors == 1


def test_junit_fails_on_what_the_command_fails_on():
    """The exit code and the report say the same; what is ignored is skipped with the reason."""
    told = cases(junit.render(report(), Level.NOTE))
    assert told["two-kinds", ANA] == [("Failure", "Ana has a mailbox & nothing else.")]
    told = cases(junit.render(report(PATIENCE), Level.NOTE))
    assert told["two-kinds", ANA] == [("Skipped", "has a satellite phone")]
    told = cases(junit.render(report(), None))
    assert told["topic-policy", TOPIC] == []
    assert told["role-trust", ROLE] == [("Error", DENIED)]


def test_junit_can_be_read_whatever_things_are_called():
    """A name at AWS may have what XML must not have."""
    found = {POLICY: [Finding("bell\x07", "It rings: \x1b[1m ünï \U0001f514", "Mute it.")]}
    told = cases(junit.render(report(found=found), Level.NOTE))
    message = "It rings: \ufffd[1m ünï \U0001f514"
    assert told == {("topic-policy", "bell\ufffd"): [("Failure", message)]}


# For code scanning


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    """Return the published schema of SARIF 2.1.0."""
    folder = tmp_path_factory.mktemp("sarif")
    command = ["npm", "pack", PACKAGE, "--silent", "--no-update-notifier"]
    done = subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True, timeout=120
    )
    archive = folder / done.stdout.strip()
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    assert digest == INTEGRITY
    with tarfile.open(archive) as packed:
        [name] = [name for name in packed.getnames() if "sarif-2.1.0" in name]
        return json.load(packed.extractfile(name))


def test_sarif_is_as_its_schema_says(schema):
    """Whatever reads SARIF reads the report."""
    told = json.loads(sarif.render(report(PATIENCE)))
    checked = jsonschema.Draft7Validator(schema)
    assert [*checked.iter_errors(told)] == []
    told["runs"][0]["results"][0]["level"] = "terrible"
    assert [*checked.iter_errors(told)]


def test_sarif_has_what_code_scanning_needs():
    """Each alert has its rule with a page, a path in the repository, and stays the same alert."""
    [run] = json.loads(sarif.render(report()))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules][:2] == ["plan-exists", "topic-policy"]
    assert "GetResponsePlan" in rules[0]["help"]["markdown"]
    closed, lonely, unseen = run["results"]
    assert rules[closed["ruleIndex"]]["id"] == closed["ruleId"] == "topic-policy"
    assert closed["message"]["text"] == "Its policy shuts Incident Manager <out>. Let it in."
    assert (closed["kind"], closed["level"]) == ("fail", "error")
    assert (lonely["kind"], lonely["level"]) == ("fail", "note")
    [place] = closed["locations"]
    path = "arn/aws/sns/us-east-1/123456789012/chat"
    assert place["physicalLocation"]["artifactLocation"]["uri"] == path
    assert place["logicalLocations"][0]["fullyQualifiedName"] == TOPIC
    assert (unseen["kind"], unseen["level"]) == ("open", "none")
    again = json.loads(sarif.render(report()))["runs"][0]["results"]
    marks = [each["partialFingerprints"]["primaryLocationLineHash"] for each in run["results"]]
    assert marks == [each["partialFingerprints"]["primaryLocationLineHash"] for each in again]
    assert len({*marks}) == 3


def test_sarif_tells_two_findings_about_one_thing_apart():
    """Code scanning takes alerts with one mark for one; of two channels both are told."""
    found = {PLAN: [Finding(SHOP, f"{name} is gone.", "Mend it.") for name in ("One", "Two")]}
    [run] = json.loads(sarif.render(report(found=found)))["runs"]
    first, second = (
        each["partialFingerprints"]["primaryLocationLineHash"] for each in run["results"]
    )
    assert (first[-2:], second[-2:]) == (":1", ":2")
    assert first[:-2] == second[:-2]


def test_sarif_is_no_success_where_something_was_not_seen():
    """It is told as what kept the tool from its work, too."""
    [run] = json.loads(sarif.render(report()))["runs"]
    [told] = run["invocations"]
    assert told["executionSuccessful"] is False
    assert told["toolExecutionNotifications"][0]["message"]["text"] == DENIED


def test_sarif_leaves_out_what_is_fine_or_ignored():
    """Code scanning would make an alert of each of them."""
    [run] = json.loads(sarif.render(report(PATIENCE)))["runs"]
    assert [each["ruleId"] for each in run["results"]] == ["topic-policy", "role-trust"]
