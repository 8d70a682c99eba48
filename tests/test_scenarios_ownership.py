"""Nothing is taken, and nothing that is declared is lost: whose a plan or an incident is.

Real: the Pulumi engine, its backends, its language host, the plugin process of the providers and
the local AWS, which boto3 reads.
"""

from __future__ import annotations

import pytest

from tests.calls import create_plan
from tests.declarations import full, minimal
from tests.program import EngineError, Plans
from tests.test_scenarios_incident import Incidents, of
from tools.common import file_backend

# The plans of `declarations` name topics, and AWS tries them.
pytestmark = pytest.mark.usefixtures("topics")

ARN = "arn:aws:ssm-incidents::123456789012:response-plan/"
ELSEWHERE = {"assume_role_arn": "arn:aws:iam::111111111111:role/deployer"}


@pytest.fixture
def program(tmp_path, stack_environment, local_aws):
    """Return a program of response plans that declares none yet."""
    return Plans(tmp_path / "program", stack_environment, local_aws)


@pytest.fixture
def once(tmp_path, stack_environment, local_aws):
    """Return a program of incidents that declares none yet."""
    return Incidents(tmp_path / "program", stack_environment, local_aws)


@pytest.fixture
def theirs(tmp_path, stack_environment, local_aws):
    """Return the same project and stack, of somebody else with a backend of their own."""
    state = tmp_path / "theirs" / "state"
    state.mkdir(parents=True)
    environment = {
        **stack_environment,
        "PULUMI_BACKEND_URL": file_backend(state),
        "PULUMI_HOME": str(tmp_path / "theirs" / "home"),
    }
    return lambda kind: kind(tmp_path / "theirs" / "program", environment, local_aws)


def nameless():
    """Return a plan without a name."""
    return {"incident_template": minimal("")["incident_template"]}


def plans(program):
    """Return the names of all live plans."""
    listed = program.incidents.list_response_plans()["responsePlanSummaries"]
    return sorted(summary["name"] for summary in listed)


def owner(program, name):
    """Return the owner's mark of a plan."""
    tags = program.incidents.list_tags_for_resource(resourceArn=f"{ARN}{name}")["tags"]
    return tags.get("pulumi-incidents:owner")


FAILING = {"name": "broken", "incident_template": {"title": "t", "impact": 1}}


def break_one(program):
    """Let everything that is called `broken` fail at AWS."""
    program.incidents.create_response_plan(
        name="broken", incidentTemplate={"title": "somebody else's", "impact": 5}
    )


def test_a_plan_moved_by_adoption_beside_a_failing_neighbour_lives_on(program, name):
    """The engine deletes the old resource in a later run, which has to know whose the plan is."""
    break_one(program)
    program.begin(a=minimal(name))
    adopting = {**minimal(name), "adopt_existing": True}
    program.declare(b=adopting, failing=FAILING)
    program.fails("up", "--yes", "--skip-preview")
    assert {"a", "b"} <= set(program.state()), "both resources have the plan now"
    program.bring(b=adopting)
    assert "a" not in program.state()
    assert plans(program) == ["broken", name]
    assert owner(program, name) == program.state()["b"]["outputs"]["owner"]
    program.destroy()
    assert plans(program) == ["broken"]


def test_a_plan_moved_by_adoption_with_a_target_lives_on(program, name):
    """`--target` makes the new resource in one run, and the old one is deleted in the next."""
    program.begin(a=minimal(name))
    urn = program.state()["a"]["urn"]
    adopting = {**minimal(name), "adopt_existing": True}
    program.declare(b=adopting)
    target = f"{urn.rpartition('::')[0]}::b"
    program.run("up", "--yes", "--skip-preview", "--target", target)
    assert {"a", "b"} <= set(program.state())
    program.bring(b=adopting)
    assert plans(program) == [name]


@pytest.mark.parametrize("adopts", [False, True], ids=["as it is", "adopting"])
def test_a_replacement_asked_for_beside_a_failing_neighbour_loses_nothing(program, name, adopts):
    """`--replace` makes the new resource first, and deletes the old one in a later run."""
    break_one(program)
    plan = {**minimal(name), "adopt_existing": adopts}
    program.begin(plan=plan)
    urn = program.state()["plan"]["urn"]
    program.declare(plan=plan, failing=FAILING)
    said = program.fails("up", "--yes", "--skip-preview", "--replace", urn)
    assert ("nothing proves that this resource made it" in said.replace("\n", " ")) or adopts
    program.bring(plan=plan)
    assert plans(program) == ["broken", name]
    assert owner(program, name) == program.state()["plan"]["outputs"]["owner"]


def test_two_backends_of_the_same_names_do_not_take_each_others_plans(program, theirs, name):
    """Of two people with a backend each, a chosen name is refused, and automatic ones differ."""
    program.begin(chosen=full(name), automatic=nameless())
    before = program.live(f"{ARN}{name}")
    theirs = theirs(Plans)
    theirs.declare(chosen=minimal(name))
    said = theirs.fails("up", "--yes", "--skip-preview")
    assert "exists already, made by organization/incidents/local/chosen, and nothing proves" in said
    theirs.begin(automatic=nameless())
    assert len(plans(program)) == 3
    theirs.destroy()
    assert len(plans(program)) == 2
    assert program.live(f"{ARN}{name}") == before
    program.settled()


def test_a_new_stack_of_an_old_name_does_not_take_the_plans_of_the_renamed_one(program, name):
    """After `stack rename` the old name is free, and what was made under it is not."""
    program.begin(chosen=minimal(name), automatic=nameless())
    before = plans(program)
    (program.folder / "Pulumi.local.yaml").rename(program.folder / "kept.yaml")
    program.run("stack", "rename", "prod")
    (program.folder / "kept.yaml").rename(program.folder / "Pulumi.prod.yaml")
    program.run("stack", "init", "local")
    program.configure()
    said = program.fails("up", "--yes", "--skip-preview")
    assert said.count("nothing proves that this resource made it") >= 1
    program.declare()
    program.run("up", "--yes", "--skip-preview")
    assert plans(program) == before
    program.run("stack", "select", "prod")
    program.declare(chosen=minimal(name), automatic=nameless())
    program.settled()


def test_a_new_resource_of_an_old_name_does_not_take_the_plan_of_the_renamed_one(program):
    """An alias moves a plan with an automatic name, and the new resource has to have its own."""
    program.begin(old=nameless())
    plan = program.state()["old"]["id"]
    program.begin(renamed={**nameless(), "opts": {"aliases": ["old"]}})
    # One of both is refused in the preview, or where it is made: whichever the engine asks first.
    for new in ("old", "renamed"), ("renamed", "old"):
        program.declare(**{resource: nameless() for resource in new})
        program.fails("up", "--yes", "--skip-preview")
        assert plans(program) == [plan.rpartition("/")[2]]
    program.bring(old={**nameless(), "name": "another"}, renamed=nameless())
    assert program.state()["renamed"]["id"] == plan
    assert len(plans(program)) == 2


def test_a_plan_that_another_stack_adopted_outlives_the_first(program, name):
    """The first stack neither changes nor deletes it any more, and a refresh lets it go."""
    program.begin(plan=minimal(name))
    program.run("stack", "init", "other")
    program.configure()
    program.begin(plan={**minimal(name), "adopt_existing": True})
    program.run("stack", "select", "local")
    program.declare(plan=full(name))
    said = program.fails("up", "--yes", "--skip-preview")
    assert "belongs to organization/incidents/other/plan by now and is left as it is" in said
    said = program.run("refresh", "--yes", "--skip-preview")
    assert "belongs to organization/incidents/other/plan by now: this stack goes on without" in said
    assert "plan" not in program.state()
    program.run("stack", "select", "other")
    program.declare(plan={**minimal(name), "adopt_existing": True})
    program.settled()


def test_a_destroy_says_what_it_leaves_to_its_new_owner(program, name):
    """Without a refresh in between, a destroy of the first stack leaves the plan alone."""
    program.begin(plan=minimal(name))
    program.run("stack", "init", "other")
    program.configure()
    adopting = {**minimal(name), "adopt_existing": True}
    program.begin(plan=adopting)
    program.run("stack", "select", "local")
    said = program.run("destroy", "--yes")
    assert "belongs to organization/incidents/other/plan by now: it is not deleted" in said
    assert plans(program) == [name]
    program.run("stack", "select", "other")
    program.settled()


def test_an_update_that_is_half_done_says_that_a_refresh_comes_first(program, local_aws, name):
    """When the tags fail after the plan, the program is not put back before AWS is looked at."""
    program.begin(plan=minimal(name))
    local_aws.fail("TagResource", "AccessDeniedException")
    program.declare(plan=full(name))
    said = program.fails("up", "--yes", "--skip-preview")
    assert "AWS has done ssm-incidents:UpdateResponsePlan, and the state does not know it" in said
    assert "run `pulumi refresh` before anything else" in said
    program.declare(plan=minimal(name))
    program.run("refresh", "--yes", "--skip-preview")
    program.bring(plan=minimal(name))
    assert program.changes() == {name: ["UpdateResponsePlan"]}


def test_credentials_of_another_account_delete_nothing(program, name):
    """What the new account does not have is not "deleted", and the sentence says where it is."""
    program.begin(plan=minimal(name))
    moved = {**minimal(name), "aws_config": ELSEWHERE}
    program.declare(plan=moved)
    said = program.fails("up", "--yes", "--skip-preview")
    assert "is in account 123456789012, and these credentials are for account 111111111111" in said
    program.configure(**{"aws:assumeRoles": [{"roleArn": ELSEWHERE["assume_role_arn"]}]})
    # A destroy still has the configuration that is in the state, an update has the new one.
    program.declare(plan=full(name))
    said = program.fails("up", "--yes", "--skip-preview")
    assert "these credentials are for account 111111111111" in said
    program.configure()
    assert "plan" in program.state()
    program.declare(plan=minimal(name))
    program.run("up", "--yes", "--skip-preview")
    program.settled()
    program.as_declared()


def test_options_that_are_not_what_they_say_are_refused_in_preview(program, name):
    """`"false"` is not true, a role under another name is not overlooked, and all are reported."""
    wrong = {"adopt_existing": "false", "aws_config": {"role_arn": ELSEWHERE["assume_role_arn"]}}
    program.declare(plan={**minimal(name), **wrong})
    said = program.fails("preview")
    assert "adopt_existing must be true or false; got 'false'" in said
    assert "aws_config.role_arn does not exist; did you mean assume_role_arn?" in said
    program.declare(plan={**minimal(name), "aws_config": "x"})
    said = program.fails("preview")
    assert "aws_config must be a map with region, profile, assume_role_arn; got 'x'" in said
    assert plans(program) == []


# Incidents


def test_two_backends_of_the_same_names_page_twice_and_share_nothing(once, incidents, theirs, name):
    """Team B's `up` pages its people, and neither renames nor resolves team A's incident."""
    plan = create_plan(incidents, name)
    once.begin(incident=of(plan, title="A"))
    ours = once.arn()
    theirs = theirs(Incidents)
    theirs.begin(incident=of(plan, title="B"))
    assert theirs.arn() != ours
    assert once.record(ours)["title"] == "A"
    theirs.destroy()
    assert once.record(ours)["status"] == "OPEN"
    once.settled()


def test_an_incident_of_a_renamed_stack_is_not_taken_by_a_new_stack_of_the_old_name(
    once, incidents, name
):
    """It is refused in one sentence that says what to do, and other triggers start another one."""
    plan = create_plan(incidents, name)
    once.begin(incident=of(plan))
    first = once.arn()
    (once.folder / "Pulumi.local.yaml").unlink()
    once.run("stack", "rename", "prod")
    once.run("stack", "init", "local")
    once.configure()
    said = once.fails("up", "--yes", "--skip-preview")
    assert "was started under this name for these `triggers`" in said
    once.begin(incident=of(plan, triggers={"n": 1}))
    assert once.arn() != first
    once.destroy()
    assert once.record(first)["status"] == "OPEN"


def test_an_incident_that_was_renamed_is_not_taken_by_a_new_one_of_the_old_name(
    once, incidents, name
):
    """With an alias the incident moves, and the new resource of the old name says what to do."""
    plan = create_plan(incidents, name)
    once.begin(incident=of(plan))
    first = once.arn()
    once.begin(moved=of(plan, opts={"aliases": ["incident"]}))
    once.declare(moved=of(plan), incident=of(plan))
    assert "was started under this name" in once.fails("up", "--yes", "--skip-preview")
    once.begin(moved=of(plan), incident=of(plan, triggers={"n": 1}))
    assert once.arn("moved") == first
    assert once.records() == {first: "OPEN", once.arn(): "OPEN"}


def test_a_deleted_record_then_destroy_then_up_pages_people_again(once, incidents, name):
    """The ARN in the state is that of a record, also when other triggers came in between."""
    plan = create_plan(incidents, name)
    for triggers in ({"n": "a"}, {"n": "b"}, {"n": "a"}):
        once.begin(incident=of(plan, triggers=triggers))
        assert once.records() == {once.arn(): "OPEN"}
        incidents.delete_incident_record(arn=once.arn())
    once.destroy()
    once.begin(incident=of(plan, triggers={"n": "a"}))
    assert once.records() == {once.arn(): "OPEN"}


def test_what_people_resolved_after_a_lost_answer_pages_nobody_again(once, incidents, name):
    """Run again, an `up` whose starts were not answered records what has become of them."""
    plan = create_plan(incidents, name)
    once.configure(**{"aws:maxRetries": "1"})
    once.local_aws.lose_answer("StartIncident", times=2)
    once.declare(incident=of(plan))
    assert "got no answer from" in once.fails("up", "--yes", "--skip-preview")
    (first,) = once.records()
    incidents.update_incident_record(arn=first, status="RESOLVED")
    once.begin(incident=of(plan, title="Edited in between"))
    assert (once.arn(), once.outputs_of()["status"]) == (first, "RESOLVED")
    assert once.records() == {first: "RESOLVED"}


def test_an_incident_is_adopted_on_request_and_then_its_own(once, incidents, name):
    """After a lost state `adopt_existing` takes up the open incident, and a destroy resolves it."""
    plan = create_plan(incidents, name)
    once.begin(incident=of(plan))
    first = once.arn()
    once.lose_state()
    with pytest.raises(EngineError, match="set adopt_existing=True to take this one over"):
        once.run("up", "--yes", "--skip-preview")
    once.begin(incident=of(plan, adopt_existing=True))
    assert once.records() == {first: "OPEN"}
    once.settled()
    once.destroy()
    assert once.records() == {first: "RESOLVED"}
