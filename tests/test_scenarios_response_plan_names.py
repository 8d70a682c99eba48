"""Whose plan it is: names, plans that exist already, accounts and credentials.

Real: the Pulumi engine, its language host, the plugin process of the providers and the local AWS,
which boto3 reads in several accounts and in the partition of China.
"""

from __future__ import annotations

import re

import boto3
import pytest

from tests.declarations import full, minimal
from tests.program import Plans

# The plans of `declarations` name topics, and AWS tries them.
pytestmark = pytest.mark.usefixtures("topics")

ELSEWHERE = "arn:aws:iam::111111111111:role/deployer"
OTHER = "arn:aws:iam::222222222222:role/deployer"


@pytest.fixture
def program(tmp_path, stack_environment, local_aws):
    """Return a program of response plans that declares none yet."""
    return Plans(tmp_path / "program", stack_environment, local_aws)


def arn(name, account="123456789012", partition="aws"):
    """Return the ARN of a plan."""
    return f"arn:{partition}:ssm-incidents::{account}:response-plan/{name}"


def nameless():
    """Return a plan without a name."""
    return {"incident_template": minimal("")["incident_template"]}


def refusal(program):
    """Bring the stack up, which has to fail for one plan, and return the one sentence it says."""
    printed = program.fails("up", "--yes", "--skip-preview")
    diagnostics = printed.partition("Diagnostics:")[2].splitlines()
    said = [
        found[1] for line in diagnostics if (found := re.search(r"error: \w+Error: (.+)", line))
    ]
    assert len(said) == 1, printed
    return said[0]


def test_a_name_that_is_left_out_is_automatic_and_stable(program):
    """The name is the resource's and a hash, through updates and a loss of the state."""
    program.begin(checkout=nameless())
    plan = program.state()["checkout"]["id"].rpartition("/")[2]
    assert plan[:9] == "checkout-"
    assert len(plan) == len("checkout-") + 7
    program.bring(checkout={**nameless(), "display_name": "Checkout"})
    assert program.changes() == {plan: ["UpdateResponsePlan"]}
    program.lose_state()
    program.declare(checkout=nameless())
    assert f"{plan} exists already, made by organization/incidents/local/checkout" in refusal(
        program
    )
    program.bring(checkout={**nameless(), "adopt_existing": True})
    made = ["CreateResponsePlan", "TagResource", "UpdateResponsePlan"]
    assert program.changes() == {plan: made}
    program.bring(checkout=nameless())
    assert program.changes() == {}
    assert len(program.incidents.list_response_plans()["responsePlanSummaries"]) == 1


def test_two_stacks_have_two_automatic_names(program):
    """The same program as two stacks makes two plans, and each keeps its own."""
    program.begin(checkout=nameless())
    program.run("stack", "init", "other")
    program.bring(checkout=nameless())
    assert len(program.incidents.list_response_plans()["responsePlanSummaries"]) == 2
    program.run("stack", "select", "local")
    program.settled()
    program.as_declared()


def test_a_name_has_1_to_200_characters(program):
    """The shortest and the longest name work; one more character is refused in the preview."""
    program.bring(short=minimal("p"), long=minimal("p" * 200))
    program.declare(short=minimal("p"), long=minimal("p" * 201))
    assert "name must be 1 to 200 characters, not 201" in program.fails("preview")


def test_a_duplicate_name_is_explained_and_adopted_on_request(program, name):
    """A plan that somebody made is refused in one sentence, or taken over with one update."""
    program.incidents.create_response_plan(
        name=name,
        displayName="theirs",
        incidentTemplate={"title": "theirs", "impact": 5, "summary": "theirs"},
        tags={"team": "theirs", "theirs": "1"},
    )
    program.declare(plan=full(name))
    said = refusal(program)
    assert said == (
        f"{arn(name)} exists already, without an owner's mark, and nothing proves that this "
        "resource made it: set adopt_existing=True to take it over, import it, or choose another "
        "name."
    )
    program.bring(plan={**full(name), "adopt_existing": True})
    made = ["CreateResponsePlan", "UntagResource", "TagResource", "UpdateResponsePlan"]
    assert program.changes() == {name: made}
    program.bring(plan=full(name))
    assert program.changes() == {}


def test_without_a_replication_set_the_advice_is_to_create_one(program, name):
    """The sentence says what is missing and how to make it; then the same `up` works."""
    (replication_set,) = program.incidents.list_replication_sets()["replicationSetArns"]
    program.incidents.delete_replication_set(arn=replication_set)
    program.declare(plan=minimal(name))
    said = refusal(program)
    assert f"ssm-incidents:CreateResponsePlan on response plan {name} was answered with" in said
    assert "aws ssm-incidents create-replication-set --regions" in said
    program.incidents.create_replication_set(regions={"us-east-1": {}})
    program.bring(plan=minimal(name))


def test_an_account_that_is_not_onboarded_is_told_so(program, local_aws, name):
    """What AWS answers to accounts that never used the service becomes plain advice."""
    local_aws.fail("CreateResponsePlan", "UnsupportedOperationException", message="No.")
    program.declare(plan=minimal(name))
    said = refusal(program)
    assert "was answered with UnsupportedOperationException: No." in said
    assert "takes no new customers since 2025-11-07: use an account that has it." in said


def incident_manager(local_aws, region="us-east-1", role=ELSEWHERE):
    """Return a client of Incident Manager in another region, as another role."""
    answer = local_aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    return boto3.client(
        "ssm-incidents",
        endpoint_url=local_aws.url,
        region_name=region,
        aws_access_key_id=answer["Credentials"]["AccessKeyId"],
        aws_secret_access_key=answer["Credentials"]["SecretAccessKey"],
        aws_session_token=answer["Credentials"]["SessionToken"],
    )


def test_a_plan_of_its_own_region_role_or_profile(program, local_aws, tmp_path, name):
    """`aws_config` puts one plan elsewhere, for its whole life, and leaves the others here."""
    (tmp_path / "config").write_text(
        f"[profile other]\nrole_arn = {OTHER}\n"
        "source_profile = source\n"
        "[profile source]\naws_access_key_id = test\naws_secret_access_key = test\n"
    )
    program.environment["AWS_CONFIG_FILE"] = str(tmp_path / "config")
    china = {"role": ELSEWHERE, "region": "cn-north-1"}
    places = {
        "role": ({"assume_role_arn": ELSEWHERE}, {}),
        "profile": ({"profile": "other"}, {"role": OTHER}),
        "region": ({"assume_role_arn": ELSEWHERE, "region": "cn-north-1"}, china),
    }
    plans, clients = {"here": minimal(name)}, {}
    for place, (aws_config, client) in places.items():
        plans[place] = {**minimal(name), "aws_config": aws_config}
        clients[place] = incident_manager(local_aws, **client)
        clients[place].create_replication_set(regions={client.get("region", "us-east-1"): {}})
    for impact in (1, 2):
        for plan in plans.values():
            plan["incident_template"]["impact"] = impact
        program.begin(**plans)
        program.settled()
        state = {place: resource.get("id") for place, resource in program.state().items()}
        assert state["here"] == arn(name)
        assert state["role"] == arn(name, "111111111111")
        assert state["profile"] == arn(name, "222222222222")
        assert state["region"] == arn(name, "111111111111", "aws-cn")
        for place, client in {"here": program.incidents, **clients}.items():
            plan = client.get_response_plan(arn=state[place])
            assert plan["incidentTemplate"]["impact"] == impact
    program.destroy()
    for client in (program.incidents, *clients.values()):
        assert client.list_response_plans()["responsePlanSummaries"] == []


def test_an_account_that_is_not_allowed_is_refused(program, local_aws, name):
    """With `aws:allowedAccountIds`, a preview of any other account fails, and nothing is called."""
    program.configure(**{"aws:allowedAccountIds": ["111111111111"]})
    program.declare(plan=minimal(name))
    local_aws.forget()
    sentence = (
        "Account 123456789012 is none of aws:allowedAccountIds (111111111111); "
        "sign in to one of them."
    )
    assert sentence in program.fails("preview")
    program.configure(**{"aws:allowedAccountIds": ["123456789012"]})
    program.declare(plan=minimal(name), another=minimal(f"{name}-2"))
    local_aws.forget()
    program.run("preview")
    # One for the whole run, and none where nothing says which accounts may be used.
    assert local_aws.operations(None) == ["GetCallerIdentity"]
    program.configure()
    local_aws.forget()
    program.run("preview")
    assert local_aws.operations(None) == []
    program.configure(**{"aws:allowedAccountIds": ["111111111111"]})
    incident_manager(local_aws).create_replication_set(regions={"us-east-1": {}})
    program.declare(plan={**minimal(name), "aws_config": {"assume_role_arn": ELSEWHERE}})
    program.up()
    assert program.state()["plan"]["id"] == arn(name, "111111111111")


def test_a_missing_region_is_one_sentence(program, name):
    """Without a region anywhere, the sentence says where to set it."""
    del program.environment["AWS_REGION"]
    program.declare(plan=minimal(name))
    said = refusal(program)
    assert "no region is set: run `pulumi config set aws:region us-east-1`" in said


def test_missing_credentials_are_one_sentence(program, tmp_path, name):
    """Without credentials anywhere, the sentence says where to set them."""
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del program.environment[variable]
    nowhere = str(tmp_path / "nowhere")
    program.environment.update(
        AWS_CONFIG_FILE=nowhere,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_SHARED_CREDENTIALS_FILE=nowhere,
    )
    program.declare(plan=minimal(name))
    assert "there are no AWS credentials: sign in and set aws:profile" in refusal(program)
