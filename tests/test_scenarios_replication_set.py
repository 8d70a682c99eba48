"""What a replication set does from its first declaration to its last.

Real: the Pulumi engine, its language host, the plugin process of the providers and a local AWS that
starts without a set, as a fresh account does; boto3 reads it. What only takes time is seen with the
clock of that AWS standing still. After every step the preview is empty and a refresh finds nothing.
"""

from __future__ import annotations

import subprocess
import time
from datetime import timedelta

import pytest

from pulumi_incidents.emulator.testing import running
from tests.program import EngineError, Team, kill_session
from tools.common import file_backend

HOME, WEST, NORTH, SOUTH = "us-east-1", "eu-west-1", "eu-north-1", "ap-south-1"
MARK = "pulumi-incidents:owner"
KEY = "arn:aws:kms:{}:123456789012:key/0a1b2c3d-1111-2222-3333-444455556666"
OTHER_KEY = KEY.replace("0a1b", "ffff")


@pytest.fixture(scope="module")
def local_aws():
    """Run a local AWS without a replication set."""
    with running(replication_set=None) as aws:
        yield aws


class Account(Team):
    """A program that declares the replication set of an account."""

    def __init__(self, folder, environment, local_aws):
        super().__init__(folder, environment, local_aws)
        self.incidents = local_aws.client("ssm-incidents")

    def wish(self, *regions, key=None, **inputs):
        """Declare the set with these regions, each with its key or none."""
        given = [
            {"name": each, **({"sse_kms_key_id": key.format(each)} if key else {})}
            for each in regions
        ]
        self.declare(replication=("ReplicationSet", {"regions": given, **inputs}))

    def reach(self, *regions, **inputs):
        """Declare the set and bring it there; return what the engine said."""
        self.wish(*regions, **inputs)
        self.local_aws.forget()
        said = self.run("up", "--yes", "--skip-preview")
        changed = self.changed()
        self.settled()
        assert self.live() == dict.fromkeys(regions, "ACTIVE")
        assert self.state()["replication"]["outputs"]["status"] == "ACTIVE"
        return said, changed

    def changed(self):
        """Return what was changed at AWS; of a step, which region it was about."""
        found = (each for each in self.local_aws.requests() if each["mutating"])
        return [_short(each) for each in found]

    def arn(self):
        """Return the ARN of the set at AWS; None if there is none."""
        return next(iter(self.incidents.list_replication_sets()["replicationSetArns"]), None)

    def found(self):
        """Return the set at AWS."""
        return self.incidents.get_replication_set(arn=self.arn())["replicationSet"]

    def live(self):
        """Return the status of each region at AWS."""
        return {name: each["status"] for name, each in self.found()["regionMap"].items()}

    def tags(self):
        """Return the tags of the set at AWS."""
        return self.incidents.list_tags_for_resource(resourceArn=self.arn())["tags"]

    def fails(self, *command):
        """Run a command that has to fail, and return what it printed: never a traceback."""
        with pytest.raises(EngineError) as failed:
            self.run(*command)
        assert "Traceback" not in str(failed.value), str(failed.value)
        return " ".join(str(failed.value).split())

    def up_fails(self):
        """Bring the stack up, which has to fail."""
        return self.fails("up", "--yes", "--skip-preview")

    def background_up(self):
        """Start to bring the stack up."""
        return subprocess.Popen(
            ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def killed_at(self, condition):
        """Bring the stack up and kill everything when a condition holds."""
        with self.background_up() as up:
            try:
                _wait_for(condition)
            finally:
                kill_session(up.pid)
        self.run("cancel", "--yes")


def _short(request):
    actions = request["parameters"].get("actions")
    if not actions:
        return request["operation"]
    [(kind, action)] = actions[0].items()
    return f"{kind[:3]} {action['regionName']}"


def _wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not happen within a minute"
        time.sleep(0.2)


@pytest.fixture
def account(tmp_path, stack_environment, local_aws):
    """Return a program that declares nothing yet."""
    return Account(tmp_path / "program", stack_environment, local_aws)


@pytest.fixture
def theirs(tmp_path, stack_environment, local_aws):
    """Return the same program of somebody else with a backend of their own."""
    state = tmp_path / "theirs" / "state"
    state.mkdir(parents=True)
    environment = {
        **stack_environment,
        "PULUMI_BACKEND_URL": file_backend(state),
        "PULUMI_HOME": str(tmp_path / "theirs" / "home"),
    }
    return Account(tmp_path / "theirs" / "program", environment, local_aws)


def test_a_set_is_made_protected_and_changed_region_by_region(account, local_aws):
    """Additions come first, each change is a call of its own, and is waited for before the next."""
    local_aws.settle(1)
    _, changed = account.reach(HOME, WEST, tags={"team": "payments"})
    assert changed == ["CreateReplicationSet", "UpdateDeletionProtection", "TagResource"]
    assert account.found()["deletionProtected"] is True
    tags = account.tags()
    assert tags["team"] == "payments"
    assert tags[MARK] == account.state()["replication"]["outputs"]["owner"]
    arn = account.id("replication")
    assert arn == account.arn()
    _, changed = account.reach(SOUTH, HOME, NORTH, tags={"team": "orders"})
    assert changed == [f"add {SOUTH}", f"del {WEST}", f"add {NORTH}", "TagResource"]
    assert account.tags()["team"] == "orders"
    _, changed = account.reach(HOME, deletion_protected=False)
    assert changed == [
        *("UpdateDeletionProtection", f"del {SOUTH}", f"del {NORTH}"),
        *("UntagResource",),
    ]
    assert account.found()["deletionProtected"] is False
    assert account.id("replication") == arn


def test_another_order_and_what_is_the_default_are_no_change(account):
    """Regions have no order at AWS, and a set is protected unless it says otherwise."""
    account.reach(HOME, WEST)
    account.wish(WEST, HOME, deletion_protected=True)
    account.settled()


def test_a_set_that_nobody_has_marked_is_taken_over(account, local_aws):
    """It is said; what is missing is added, and tags of others are not touched."""
    arn = account.incidents.create_replication_set(regions={HOME: {}}, tags={"made": "by hand"})[
        "arn"
    ]
    account.wish(HOME, WEST)
    said = account.run("up", "--yes", "--skip-preview")
    assert f"{arn} exists already, and nobody has marked it: it is taken over." in said
    assert account.id("replication") == arn
    assert account.live() == {HOME: "ACTIVE", WEST: "ACTIVE"}
    assert account.found()["deletionProtected"] is True
    tags = account.tags()
    assert tags.pop(MARK) == account.state()["replication"]["outputs"]["owner"]
    assert tags == {"made": "by hand"}
    assert account.preview("--refresh")["replication"] == "update"  # what nobody declares shows
    local_aws.forget()
    account.run("up", "--yes", "--skip-preview", "--refresh")
    assert account.changed() == ["UntagResource"]


def test_regions_of_a_set_that_is_taken_over_are_not_removed_unasked(account):
    """A first `up` shows nothing of them in its preview."""
    account.incidents.create_replication_set(regions={HOME: {}, WEST: {}})
    account.wish(HOME)
    assert f"exists already, and has {WEST} as well: declare these" in account.up_fails()
    assert account.live() == {HOME: "ACTIVE", WEST: "ACTIVE"}
    assert account.tags() == {}
    account.reach(HOME, adopt_existing=True)


def test_a_set_of_another_stack_is_taken_over_on_request_alone(account, theirs):
    """From then on the first one leaves it alone, and says so."""
    account.reach(HOME, WEST)
    theirs.wish(HOME)
    said = theirs.up_fails()
    assert "is the replication set of organization/incidents/local/replication: set" in said
    theirs.reach(HOME, adopt_existing=True)
    account.wish(HOME, NORTH)
    assert "belongs to organization/incidents/local/replication by now" in account.up_fails()
    account.wish(HOME, on_delete="destroy", deletion_protected=False)
    said = account.run("destroy", "--yes")
    assert "it is not deleted" in said
    theirs.settled()
    assert theirs.found()["deletionProtected"] is True


def test_what_goes_stays_at_aws_and_is_nobodys(account, theirs, local_aws):
    """Neither a plan nor a contact is lost with the resource, and anybody may declare it again."""
    account.reach(HOME)
    plan = account.incidents.create_response_plan(
        name="p", incidentTemplate={"title": "Down", "impact": 1}
    )["arn"]
    arn = account.arn()
    local_aws.forget()
    account.declare()
    said = account.run("up", "--yes", "--skip-preview")
    assert f"{arn} stays, and everything in Incident Manager with it." in said
    assert account.changed() == ["UntagResource"]
    assert account.tags() == {}
    assert account.incidents.get_response_plan(arn=plan)["arn"] == plan
    theirs.reach(HOME)
    assert theirs.arn() == arn


def test_only_a_set_without_protection_is_destroyed_and_waited_for(account, local_aws):
    """Whether the state, the program or AWS alone says that it is protected."""
    account.reach(HOME, WEST, on_delete="destroy")
    refused = "is protected, and nothing is deleted: set deletion_protected=False and run"
    assert refused in account.fails("destroy", "--yes")
    account.wish(HOME, WEST, on_delete="destroy", deletion_protected=False)
    assert refused in account.fails("destroy", "--yes")  # nothing of it was brought up
    account.reach(HOME, WEST, on_delete="destroy", deletion_protected=False)
    arn = account.arn()
    account.incidents.update_deletion_protection(arn=arn, deletionProtected=True)
    assert refused in account.fails("destroy", "--yes")
    account.incidents.update_deletion_protection(arn=arn, deletionProtected=False)
    local_aws.settle(1)
    account.destroy()
    assert account.arn() is None
    assert account.state() == {}


def test_a_key_is_never_changed_and_nothing_is_replaced(account):
    """It is refused in preview with the way that works, which then works."""
    account.reach(HOME, WEST, key=KEY)
    account.wish(HOME, WEST, key=OTHER_KEY)
    said = account.fails("preview")
    for index, region in enumerate((HOME, WEST)):
        assert f"regions[{index}].sse_kms_key_id cannot change, because AWS gives" in said
        assert f"take {region} out of regions in one `pulumi up`" in said
    account.wish(HOME, WEST)
    assert "regions cannot change between AWS's own key and yours" in account.fails("preview")
    arn = account.arn()
    account.reach(HOME, key=KEY)
    account.declare(
        replication=(
            "ReplicationSet",
            {
                "regions": [
                    {"name": HOME, "sse_kms_key_id": KEY.format(HOME)},
                    {"name": WEST, "sse_kms_key_id": OTHER_KEY.format(WEST)},
                ]
            },
        )
    )
    account.up()
    found = account.found()
    assert found["regionMap"][WEST]["sseKmsKeyId"] == OTHER_KEY.format(WEST)
    assert found["arn"] == arn
    said = account.fails("up", "--yes", "--skip-preview", "--replace", "**replication")
    assert "is the replication set of organization/incidents/local/replication" in said
    account.settled()


def test_wrong_sets_are_refused_in_preview(account):
    """All that is wrong with a set is told at once."""
    account.wish(WEST, "Ireland", on_delete="delete")
    said = account.fails("preview")
    for sentence in (
        "regions[1].name must be a region, such as eu-west-1; got 'Ireland'",
        f"regions must have {HOME}, from where this resource calls",
        "on_delete must be one of keep, destroy; got 'delete'",
    ):
        assert sentence in said


def test_what_was_changed_behind_the_back_is_seen_and_put_back(account):
    """Regions, protection and tags; and a set that is gone is made anew."""
    account.reach(HOME, WEST, tags={"team": "payments"})
    arn = account.arn()
    add = {"addRegionAction": {"regionName": NORTH}}
    account.incidents.update_replication_set(arn=arn, actions=[add])
    remove = {"deleteRegionAction": {"regionName": WEST}}
    account.incidents.update_replication_set(arn=arn, actions=[remove])
    account.incidents.update_deletion_protection(arn=arn, deletionProtected=False)
    account.incidents.tag_resource(resourceArn=arn, tags={"team": "orders"})
    account.local_aws.forget()
    account.run("up", "--yes", "--skip-preview", "--refresh")
    assert account.changed() == [
        *("UpdateDeletionProtection", f"add {WEST}", f"del {NORTH}", "TagResource"),
    ]
    account.settled()
    account.incidents.update_deletion_protection(arn=arn, deletionProtected=False)
    account.incidents.delete_replication_set(arn=arn)
    account.run("up", "--yes", "--skip-preview", "--refresh")
    assert account.arn() not in (None, arn)
    account.settled()


def test_an_update_takes_away_nothing_that_it_does_not_know(account):
    """A region that somebody has added stays until a refresh has shown it."""
    account.reach(HOME, WEST)
    add = {"addRegionAction": {"regionName": NORTH}}
    account.incidents.update_replication_set(arn=account.arn(), actions=[add])
    account.wish(HOME)
    account.run("up", "--yes", "--skip-preview")
    assert account.live() == {HOME: "ACTIVE", NORTH: "ACTIVE"}
    account.run("up", "--yes", "--skip-preview", "--refresh")
    assert account.live() == {HOME: "ACTIVE"}


def test_what_was_killed_while_aws_was_at_it_goes_on(account, local_aws):
    """While the set is made, while a region comes and while one goes."""
    local_aws.settle(600)
    local_aws.set_clock(local_aws.clock())
    hour = timedelta(hours=1)
    account.wish(HOME, WEST)
    account.killed_at(lambda: account.arn() is not None)
    assert account.found()["status"] == "CREATING"
    arn = account.arn()
    local_aws.advance(hour)
    account.run("up", "--yes", "--skip-preview")
    assert account.id("replication") == arn
    account.wish(HOME, NORTH, SOUTH)
    for region, status in ((NORTH, "CREATING"), (WEST, "DELETING")):
        account.killed_at(lambda region=region, status=status: account.live().get(region) == status)
        assert account.found()["status"] == "UPDATING"
        local_aws.advance(hour)
    local_aws.settle(0)
    account.up()
    assert account.live() == dict.fromkeys((HOME, NORTH, SOUTH), "ACTIVE")
    assert account.found()["arn"] == arn


def test_a_failure_at_any_call_is_gone_on_from(account, local_aws):
    """Nothing is made twice, and the sentence says what AWS has where the state has not."""
    account.configure(**{"aws:maxRetries": "0"})
    account.wish(HOME, tags={"team": "payments"})
    for operation in ("CreateReplicationSet", "UpdateDeletionProtection"):
        local_aws.lose_answer(operation)
        account.up_fails()
    local_aws.lose_answer("TagResource")
    said = account.run("up", "--yes", "--skip-preview")
    assert "may have no tags yet" in said
    account.up()
    assert account.tags()["team"] == "payments"
    account.wish(HOME, WEST, deletion_protected=False, tags={"team": "orders"})
    for operation in ("UpdateDeletionProtection", "UpdateReplicationSet", "TagResource"):
        local_aws.lose_answer(operation)
        said = account.up_fails()
        assert "the state does not know it: run `pulumi refresh` before anything else." in said
    account.up()
    assert account.live() == {HOME: "ACTIVE", WEST: "ACTIVE"}
    assert account.tags() == {"team": "orders", MARK: account.tags()[MARK]}
    assert account.found()["deletionProtected"] is False


def test_what_aws_says_of_a_failure_is_told_and_the_way_out_works(account, local_aws):
    """The region is taken out and put in again; the others are not touched."""
    account.reach(HOME)
    local_aws.settle(0, failure="The key is disabled.")
    account.wish(HOME, WEST)
    said = account.up_fails()
    assert f"is FAILED, and AWS says: {WEST}: The key is disabled: see to the cause" in said
    assert account.preview("--refresh")["replication"] != "same"
    local_aws.settle(0)
    account.wish(HOME)
    account.run("up", "--yes", "--skip-preview", "--refresh")
    account.reach(HOME)
    account.reach(HOME, WEST)


def test_an_account_that_never_had_the_service_is_told_so(account, local_aws):
    """AWS takes no new customers."""
    local_aws.fail("CreateReplicationSet", "UnsupportedOperationException")
    account.wish(HOME)
    assert "This account never used Incident Manager, which takes no new" in account.up_fails()


def test_a_set_of_something_else_is_looked_up(account):
    """What AWS has is known, and nothing of it is ever changed."""
    arn = account.incidents.create_replication_set(regions={HOME: {}, WEST: {}})["arn"]
    account.local_aws.forget()
    (account.folder / "__main__.py").write_text(f"""
import pulumi
from pulumi_incidents.providers import ReplicationSet

theirs = ReplicationSet.get("theirs", "{arn}")
pulumi.export("found", [theirs.regions, theirs.deletion_protected, theirs.status])
""")
    assert account.up()["found"] == [[{"name": WEST}, {"name": HOME}], False, "ACTIVE"]
    account.destroy()
    assert account.changed() == []
