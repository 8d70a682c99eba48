"""The life of a team as three clients live it: boto3, the AWS CLI and AWS's SDK for JavaScript.

Real: the server process, HTTP on 127.0.0.1, boto3 and its paginators, the AWS CLI, and Node with
the SDK that `npm ci` installs, as processes of their own. The clock stands and is moved on; codes
are read where the local AWS tells them. Nothing is patched.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from datetime import datetime, timedelta, timezone

import pytest

from tests.command import Cli
from tests.conftest import ROOT
from tests.people import MONDAY, WEEKLY, People, by, stage, whom

DAY = timedelta(days=1)
TEMPLATE = {"title": "Down", "impact": 1}
# What each client has seen when the day is over. Ana is on call and hears of it first; Ben, whom
# the plan calls essential, acknowledges, so Ana is not called again.
SEEN = {
    "contacts": ["ana", "ben", "checkout", "oncall"],
    "channels": ["ACTIVATED"],
    "shifts": [
        ["2026-03-02T09:00:00.000Z", ["ana"], "REGULAR"],
        ["2026-03-03T09:00:00.000Z", ["ben"], "OVERRIDDEN"],
        ["2026-03-04T09:00:00.000Z", ["ana"], "REGULAR"],
        ["2026-03-09T09:00:00.000Z", ["ben"], "REGULAR"],
    ],
    "overrides": 1,
    "subject": "Down",
    "pages": ["ben", "ana"],
    "way": ["checkout", "ben"],
    "receipts": ["DELIVERED", "READ", "SENT"],
    "read": "2026-03-02T09:05:00.000Z",
    "missing": ["ResourceNotFoundException", "ROTATION"],
}


@pytest.fixture
def monday(local_aws):
    """Give a local AWS in which it is Monday, nine o'clock."""
    local_aws.set_clock(MONDAY)
    return local_aws


def alias(arn):
    """Return the last part of an ARN."""
    return arn.rpartition("/")[2]


def moment(time):
    """Return a time, a datetime or seconds since 1970, as JavaScript writes it."""
    time = time if isinstance(time, datetime) else datetime.fromtimestamp(time, timezone.utc)
    text = time.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


# boto3


def test_boto3_runs_the_life_of_a_team(monday, incidents):
    """Every list by its paginator, one thing at a time."""
    people = People(monday)
    aws = people.aws

    def every(operation, member, **given):
        pages = aws.get_paginator(operation).paginate(**given, PaginationConfig={"PageSize": 1})
        return [each for page in pages for each in page[member]]

    ana, ben = team = [people.contact(each) for each in ("ana", "ben")]
    for each in team:
        plan = {"Stages": [stage(by(people.channel(each)))]}
        aws.update_contact(ContactId=each, Plan=plan)
    rotation = people.rotation(ana, ben, name="weeks")
    aws.create_rotation_override(
        RotationId=rotation, NewContactIds=[ben], StartTime=MONDAY + DAY, EndTime=MONDAY + 2 * DAY
    )
    schedule = people.schedule("oncall", rotation)
    stages = [stage(whom(schedule)), stage(whom(ben, essential=True)), stage(whom(ana), minutes=0)]
    escalation = people.contact("checkout", "ESCALATION", *stages)
    given = {"name": "checkout", "incidentTemplate": TEMPLATE, "engagements": [escalation]}
    plan = incidents.create_response_plan(**given)["arn"]
    record = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    monday.advance(300)
    [engagement] = every("list_engagements", "Engagements", IncidentId=record)
    about = {"EngagementId": engagement["EngagementArn"]}
    page = {"PageId": every("list_pages_by_engagement", "Pages", **about)[0]["PageArn"]}
    people.accept(people.pages(incident=record)[-1])
    monday.advance(600)
    window = {"RotationId": rotation, "StartTime": MONDAY, "EndTime": MONDAY + 8 * DAY}
    with pytest.raises(aws.exceptions.ResourceNotFoundException) as missing:
        aws.get_rotation(RotationId=f"{rotation}x")
    error = missing.value.response
    assert {
        "contacts": [each["Alias"] for each in every("list_contacts", "Contacts")],
        "channels": [
            each["ActivationStatus"]
            for each in every("list_contact_channels", "ContactChannels", ContactId=ana)
        ],
        "shifts": [
            [moment(each["StartTime"]), [*map(alias, each["ContactIds"])], each["Type"]]
            for each in every("list_rotation_shifts", "RotationShifts", **window)
        ],
        "overrides": len(every("list_rotation_overrides", "RotationOverrides", **window)),
        "subject": aws.describe_engagement(**about)["Subject"],
        "pages": [
            alias(each["ContactArn"])
            for each in every("list_pages_by_engagement", "Pages", **about)
        ],
        "way": [
            alias(each["ContactArn"])
            for each in aws.list_page_resolutions(**page)["PageResolutions"]
        ],
        "receipts": [
            each["ReceiptType"] for each in every("list_page_receipts", "Receipts", **page)
        ],
        "read": moment(aws.describe_page(**page)["ReadTime"]),
        "missing": [error["Error"]["Code"], error["ResourceType"]],
    } == SEEN


# The AWS CLI


def test_the_aws_cli_runs_the_life_of_a_team(monday, incidents):
    """The same day by command line."""
    aws, people = Cli(monday, "ssm-contacts"), People(monday)

    def made(name, kind, plan):
        given = ("--alias", name, "--type", kind, "--plan", plan)
        return aws("create-contact", *given)["ContactArn"]

    team = []
    for number, name in enumerate(("ana", "ben")):
        contact = made(name, "PERSONAL", {"Stages": []})
        about = ("--contact-id", contact, "--name", "phone", "--type", "SMS")
        address = ("--delivery-address", f"SimpleAddress=+1206555010{number}")
        channel = aws("create-contact-channel", *about, *address)["ContactChannelArn"]
        code = ("--contact-channel-id", channel, "--activation-code", people.code(channel))
        aws("activate-contact-channel", *code)
        plan = {"Stages": [stage(by(channel))]}
        aws("update-contact", "--contact-id", contact, "--plan", plan)
        team.append(contact)
    ana, ben = team
    turns = ("--name", "weeks", "--contact-ids", *team, "--time-zone-id", "UTC")
    begins = ("--start-time", moment(MONDAY), "--recurrence", WEEKLY)
    rotation = ("--rotation-id", aws("create-rotation", *turns, *begins)["RotationArn"])
    dentist = ("--start-time", moment(MONDAY + DAY), "--end-time", moment(MONDAY + 2 * DAY))
    aws("create-rotation-override", *rotation, "--new-contact-ids", ben, *dentist)
    schedule = made("oncall", "ONCALL_SCHEDULE", {"RotationIds": [rotation[1]]})
    stages = [stage(whom(schedule)), stage(whom(ben, essential=True)), stage(whom(ana), minutes=0)]
    escalation = made("checkout", "ESCALATION", {"Stages": stages})
    given = {"name": "checkout", "incidentTemplate": TEMPLATE, "engagements": [escalation]}
    plan = incidents.create_response_plan(**given)["arn"]
    record = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    monday.advance(300)
    [engagement] = aws("list-engagements", "--incident-id", record)["Engagements"]
    about = ("--engagement-id", engagement["EngagementArn"])
    pages = aws("list-pages-by-engagement", *about, "--page-size", "1")["Pages"]
    page = ("--page-id", pages[0]["PageArn"])
    [told] = [each for each in people.pages() if each["pageArn"] == page[1]]
    aws("accept-page", *page, "--accept-type", "READ", "--accept-code", told["acceptCode"])
    monday.advance(600)
    window = ("--start-time", moment(MONDAY), "--end-time", moment(MONDAY + 8 * DAY))
    shifts = aws("list-rotation-shifts", *rotation, *window, "--page-size", "1")["RotationShifts"]
    overrides = aws("list-rotation-overrides", *rotation, *window)["RotationOverrides"]
    channels = aws("list-contact-channels", "--contact-id", ana)["ContactChannels"]
    listed = aws("list-contacts", "--page-size", "1")["Contacts"]
    missing = aws.run("get-rotation", "--rotation-id", f"{rotation[1]}x")
    assert missing.returncode != 0
    assert f"{rotation[1]}x does not exist" in missing.stderr
    assert {
        "contacts": [each["Alias"] for each in listed],
        "channels": [each["ActivationStatus"] for each in channels],
        "shifts": [
            [moment(each["StartTime"]), [*map(alias, each["ContactIds"])], each["Type"]]
            for each in shifts
        ],
        "overrides": len(overrides),
        "subject": aws("describe-engagement", *about)["Subject"],
        "pages": [
            alias(each["ContactArn"]) for each in aws("list-pages-by-engagement", *about)["Pages"]
        ],
        "way": [
            alias(each["ContactArn"])
            for each in aws("list-page-resolutions", *page)["PageResolutions"]
        ],
        "receipts": [each["ReceiptType"] for each in aws("list-page-receipts", *page)["Receipts"]],
        "read": moment(aws("describe-page", *page)["ReadTime"]),
        "missing": ["ResourceNotFoundException", "ROTATION"],
    } == SEEN


# AWS's SDK for JavaScript


@pytest.fixture(scope="module")
def javascript(tmp_path_factory, request):
    """Return a folder with the program and the SDK that its lock file names, made once for all."""
    if not shutil.which("npm"):
        pytest.fail("This test needs Node.js 18 or newer and npm: apt-get install nodejs npm")
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent  # all workers of pytest-xdist share it
    folder /= "javascript"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            shutil.copytree(ROOT / "tests/data/javascript", folder, dirs_exist_ok=True)
            quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
            subprocess.run(["npm", "ci", *quiet], cwd=folder, check=True, timeout=300)
            (folder / "done").touch()
    return folder


def test_the_sdk_for_javascript_runs_the_life_of_a_team(monday, javascript):
    """The same day once more, with that SDK's own paginators and errors."""
    done = subprocess.run(
        ["node", "team.mjs"],
        cwd=javascript,
        env=monday.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == SEEN
