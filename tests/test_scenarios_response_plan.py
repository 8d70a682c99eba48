"""What a response plan does from its first declaration to its last, and with wrong ones.

Real: the Pulumi engine, its language host, the plugin process of the providers and the local AWS,
which boto3 reads. After every step the preview is empty, a refresh finds nothing, and AWS has
every field as it is declared.
"""

from __future__ import annotations

import pytest

from tests.declarations import CHAT, CONTACT, ROLE, TOPIC, full, minimal
from tests.program import Plans

# The plans of `declarations` name topics, and AWS tries them.
pytestmark = pytest.mark.usefixtures("topics")


@pytest.fixture
def program(tmp_path, stack_environment, local_aws):
    """Return a program of response plans that declares none yet."""
    return Plans(tmp_path / "program", stack_environment, local_aws)


def declaring(name, **fields):
    """Return a minimal plan with further fields, those of the incident template included."""
    plan = minimal(name)
    for field, value in fields.items():
        inside = field in ("title", "impact", "summary", "dedupe_string", "incident_tags")
        inside = inside or field == "notification_targets"
        (plan["incident_template"] if inside else plan)[field] = value
    return plan


def automation(**changes):
    """Return `actions` with one runbook."""
    return [{"ssm_automation": {"document_name": "Restart", "role_arn": ROLE, **changes}}]


def pager_duty(secret):
    """Return `integrations` with PagerDuty."""
    service = {"service_id": "P123"}
    return [
        {
            "pager_duty_configuration": {
                "name": "pagerduty",
                "pager_duty_incident_configuration": service,
                "secret_id": secret,
            }
        }
    ]


def test_basic_create_read_destroy(program, incidents, name):
    """A plan is made with one call, read as declared, deleted with one, and nothing is left."""
    program.bring(plan=minimal(name))
    assert program.changes() == {name: ["CreateResponsePlan"]}
    arn = program.state()["plan"]["id"]
    assert arn == f"arn:aws:ssm-incidents::123456789012:response-plan/{name}"
    program.local_aws.forget()
    program.destroy()
    assert program.changes() == {name: ["DeleteResponsePlan"]}
    assert program.state() == {}
    with pytest.raises(incidents.exceptions.ResourceNotFoundException):
        incidents.get_response_plan(arn=arn)


def test_another_name_replaces_the_plan(program, incidents, name):
    """A new name is a new plan, made before the old one is deleted."""
    program.begin(plan=full(name))
    program.bring(plan={**full(name), "name": f"{name}-2"})
    assert program.changes() == {f"{name}-2": ["CreateResponsePlan"], name: ["DeleteResponsePlan"]}
    with pytest.raises(incidents.exceptions.ResourceNotFoundException):
        program.live(f"arn:aws:ssm-incidents::123456789012:response-plan/{name}")


def parameters(**values):
    """Return `actions` with one runbook that has parameters."""
    return automation(parameters=values)


def variable(name):
    """Return `actions` with one runbook that has a dynamic parameter."""
    return automation(dynamic_parameters={"I": {"variable": name}})


A, B = f"{CONTACT}-a", f"{CONTACT}-b"
TO, FROM = {"sns_topic_arn": TOPIC}, {"sns_topic_arn": CHAT}
LIVES = {
    "title": ["one", "two"],
    "impact": [1, 5],
    "summary": [None, "one", "two", None],
    "dedupe_string": [None, "one", "two", None],
    "incident_tags": [None, {"a": "1"}, {"a": "2", "b": ""}, {"b": ""}, None],
    "notification_targets": [None, [TO], [FROM], [TO, FROM], [FROM, TO], None],
    "display_name": [None, "One", "Two, again", None],
    "chat_channel": [
        None,
        {"chatbot_sns": [TOPIC]},
        {"chatbot_sns": [CHAT]},
        {"chatbot_sns": [TOPIC, CHAT]},
        {"chatbot_sns": [CHAT, TOPIC]},
        None,
    ],
    "engagements": [None, [A], [B], [A, B], [B, A], None],
    "integrations": [None, pager_duty("one"), pager_duty("two"), None],
    "tags": [None, {"a": "1", "kept": "1"}, {"a": "2", "b": "", "kept": "1"}, {"b": ""}, None],
    "actions": [None, automation(), automation(document_name="Drain"), None],
    "actions-role": [automation(), automation(role_arn=f"{ROLE}-2"), automation()],
    "actions-version": [
        automation(),
        automation(document_version="3"),
        automation(document_version="4"),
        automation(),
    ],
    "actions-account": [
        automation(),
        automation(target_account="RESPONSE_PLAN_OWNER_ACCOUNT"),
        automation(target_account="IMPACTED_ACCOUNT"),
        automation(),
    ],
    "actions-parameters": [
        automation(),
        parameters(Hosts=["b", "a"], Dry=[""]),
        parameters(Hosts=["a", "b"], Dry=[""]),
        parameters(Hosts=[]),
        parameters(),
    ],
    "actions-dynamic-parameters": [
        automation(),
        variable("INCIDENT_RECORD_ARN"),
        variable("INVOLVED_RESOURCES"),
        automation(),
    ],
}
REORDERED = {"notification_targets": 4, "chat_channel": 4, "engagements": 4}
TAG_CALLS = ["TagResource"], ["TagResource"], ["UntagResource"], ["UntagResource"]


def calls(life, step):
    """Return the operations with which a life goes to a step from the one before."""
    if step == 0:
        return ["CreateResponsePlan"]
    if step >= len(LIVES[life]) or REORDERED.get(life) == step:
        return []
    return TAG_CALLS[step - 1] if life == "tags" else ["UpdateResponsePlan"]


def test_each_field_is_set_changed_and_removed_in_place(program, name):
    """Every field goes through its life with one call a step, and none for another order only.

    Each life is a plan of its own in one stack; `None` is a field that is not declared.
    """
    for step in range(max(map(len, LIVES.values()))):
        plans = {
            life: declaring(
                f"{name}-{life}", **{life.partition("-")[0]: values[min(step, len(values) - 1)]}
            )
            for life, values in LIVES.items()
        }
        program.bring(**plans)
        made = program.changes()
        for life in LIVES:
            assert made.get(f"{name}-{life}", []) == calls(life, step), (life, step)


def test_minimal_to_full_to_minimal_in_one_update_each(program, name):
    """Every field at once, and none of them again, takes one update and one call for the tags."""
    program.bring(plan=minimal(name))
    program.bring(plan=full(name))
    assert program.changes() == {name: ["UpdateResponsePlan", "TagResource"]}
    program.bring(plan=minimal(name))
    assert program.changes() == {name: ["UpdateResponsePlan", "UntagResource"]}


def test_default_tags_of_the_stack_come_with_the_plan(program, name):
    """`aws:defaultTags` are added, a tag of the plan wins, and both leave without a trace."""
    program.configure(**{"aws:defaultTags": {"tags": {"env": "dev", "team": "platform"}}})
    program.bring(plan=declaring(name, tags={"team": "payments"}))
    assert program.changes() == {name: ["CreateResponsePlan"]}
    program.configure(**{"aws:defaultTags": {"tags": {"env": "prod", "team": "platform"}}})
    program.bring(plan=minimal(name))
    assert program.changes() == {name: ["TagResource"]}
    program.configure()
    program.bring(plan=minimal(name))
    assert program.changes() == {name: ["UntagResource"]}


def test_a_plan_deleted_behind_our_back_is_created_again(program, incidents, name):
    """A refresh notices that it is gone, and the next `up` makes it as it was."""
    program.begin(plan=full(name))
    incidents.delete_response_plan(arn=program.state()["plan"]["id"])
    program.run("refresh", "--yes", "--skip-preview")
    assert "plan" not in program.state()
    program.bring(plan=full(name))
    assert program.changes() == {name: ["CreateResponsePlan"]}


def test_edited_behind_our_back_the_refresh_shows_it_and_up_puts_it_back(program, incidents, name):
    """A refresh shows each edited field, and one update brings back what is declared."""
    program.begin(plan=full(name))
    arn = program.state()["plan"]["id"]
    actions = incidents.get_response_plan(arn=arn)["actions"]
    actions[0]["ssmAutomation"]["documentVersion"] = "by hand"
    incidents.update_response_plan(
        arn=arn, incidentTemplateTitle="by hand", chatChannel={"empty": {}}, actions=actions
    )
    incidents.tag_resource(resourceArn=arn, tags={"by": "hand"})
    shown = program.run("refresh", "--yes", "--skip-preview", "--diff")
    assert shown.count("by hand") == 2
    for line in ("~ title:", "~ document_version:", "- chat_channel", '+ by: "hand"'):
        assert line in shown
    for field in ("engagements", "impact", "summary", "display_name", "integrations"):
        assert field not in shown
    assert program.preview()["plan"] == "update"
    program.bring(plan=full(name))
    assert program.changes() == {name: ["UpdateResponsePlan", "UntagResource"]}


WRONG = {
    "name": "not a name",
    "display_name": "d" * 201,
    "incident_template": {
        "title": "t" * 201,
        "impact": 9,
        "summary": "s" * 8001,
        "dedupe_string": "d" * 1001,
        "incident_tags": {"aws:reserved": "v"},
        "notification_targets": [{"sns_topic_arn": "topic"}],
    },
    "actions": automation(
        document_name="D",
        document_version="v" * 129,
        role_arn="role",
        target_account="MINE",
        parameters={"p" * 51: ["v" * 513]},
        dynamic_parameters={"I": {"variable": "NOW"}},
    ),
    "chat_channel": {"chatbot_sns": [f"{TOPIC}-{number}" for number in range(6)]},
    "engagements": [f"{CONTACT}-{number}" for number in range(6)],
    "integrations": pager_duty(""),
    "tags": {"key": "v" * 257},
}
SENTENCES = [
    "name may only have letters, digits, - and _",
    "display_name must be at most 200 characters, not 201",
    "incident_template.title must be at most 200 characters, not 201",
    "incident_template.impact must be 1 to 5",
    "incident_template.summary must be at most 8000 characters, not 8001",
    "incident_template.dedupe_string must be at most 1000 characters, not 1001",
    "incident_template.incident_tags['aws:reserved'] has a key that may only have",
    "incident_template.notification_targets[0].sns_topic_arn must be an ARN, such as arn:",
    "actions[0].ssm_automation.document_name must be 3 to 128 letters",
    "actions[0].ssm_automation.document_version must be at most 128 characters, not 129",
    "actions[0].ssm_automation.role_arn must be an ARN, such as arn:",
    "actions[0].ssm_automation.target_account must be one of",
    f"actions[0].ssm_automation.parameters['{'p' * 51}'] has a key that must be 1 to 50",
    f"actions[0].ssm_automation.parameters['{'p' * 51}'][0] must be at most 512",
    "actions[0].ssm_automation.dynamic_parameters['I'].variable must be one of INCIDENT_RECORD_ARN",
    "chat_channel.chatbot_sns must be 1 to 5 items",
    "engagements must be at most 5 items",
    "integrations[0].pager_duty_configuration.secret_id must be 1 to 512",
    "tags['key'] must be at most 256 characters, not 257",
]


def test_every_field_wrong_at_once_is_reported_in_one_preview(program):
    """One preview names all wrong fields, each with its full path, and calls nothing."""
    program.local_aws.forget()
    program.declare(plan=WRONG)
    printed = program.fails("preview")
    assert [sentence for sentence in SENTENCES if sentence not in printed] == []
    assert program.local_aws.operations() == []


def test_an_unknown_key_is_refused_with_the_nearest_known_one(program, name):
    """A misspelt key, at the top or deep inside, is an error that says which one was meant."""
    plan = declaring(name, engagement=[A], actions=automation(document="Restart"))
    plan["incident_template"]["titel"] = "Checkout fails"
    program.declare(plan=plan)
    printed = program.fails("preview")
    assert "engagement does not exist; did you mean engagements?" in printed
    assert "incident_template.titel does not exist; did you mean title?" in printed
    assert "actions[0].ssm_automation.document does not exist; did you mean document_" in printed


UNKNOWN = """
import json
import pathlib

import pulumi
from pulumi_incidents.providers import ResponsePlan

plans = json.loads(pathlib.Path("plans.json").read_text())
source = ResponsePlan("source", **plans.pop("source"))


def later(value):
    return source.arn.apply(lambda _: value)


def at(depth, value):
    # Unknown as a whole at this depth of lists and maps, or at each leaf.
    if depth == 0 or not isinstance(value, (dict, list)):
        return later(value)
    if isinstance(value, list):
        return [at(depth - 1, item) for item in value]
    return {key: at(depth - 1, value[key]) for key in value}


for depth, name in enumerate(plans):
    ResponsePlan(name, **{key: at(depth, value) for key, value in plans[name].items()})
"""


def test_unknown_values_from_another_resource_in_every_field(
    tmp_path, stack_environment, local_aws, name
):
    """What another resource will only tell later, at any depth, does not disturb a preview."""
    program = Plans(tmp_path / "program", stack_environment, local_aws, UNKNOWN)
    depths = [f"{name}-{depth}" for depth in range(7)]
    plans = {"source": minimal(name), **{plan: full(plan) for plan in depths}}
    program.declare(**plans)
    assert set(program.preview().values()) == {"create"}
    program.bring(**plans)
    program.declare(**{**plans, "source": minimal(f"{name}-other")})
    preview = program.preview()
    assert preview["source"] in ("replace", "create-replacement")
    assert {preview[plan] for plan in depths} <= {"update", "replace", "create-replacement"}
    program.bring(**program.declared)
    assert sorted(program.changes()) == [name, f"{name}-other"]


SECRET = """
import json
import pathlib

import pulumi
from pulumi_incidents.providers import ResponsePlan


def hidden(value):
    if isinstance(value, list):
        return [hidden(item) for item in value]
    if isinstance(value, dict):
        return {key: hidden(value[key]) for key in value}
    return pulumi.Output.secret(value) if "hunter2" in str(value) else value


for resource, plan in json.loads(pathlib.Path("plans.json").read_text()).items():
    ResponsePlan(resource, **hidden(plan))
"""


@pytest.fixture
def secretive(tmp_path, stack_environment, local_aws):
    """Return a program that makes every value with `hunter2` in it a secret."""
    return Plans(tmp_path / "program", stack_environment, local_aws, SECRET)


def test_secret_inputs_are_never_in_plain_text(secretive, incidents, tmp_path, name):
    """Neither the state, its history nor anything printed shows a secret; AWS gets its value."""
    plan = declaring(
        name,
        summary="hunter2-summary",
        tags={"key": "hunter2-tag"},
        actions=automation(parameters={"Key": ["hunter2-parameter"]}),
        integrations=pager_duty("hunter2-id"),
    )
    secretive.declare(plan=plan)
    printed = secretive.run("preview", "--diff")
    printed += secretive.run("preview", "--json")
    printed += secretive.run("up", "--yes", "--diff")
    secretive.as_declared()
    arn = secretive.state()["plan"]["id"]
    incidents.update_response_plan(arn=arn, incidentTemplateSummary="hunter2-drift")
    printed += secretive.run("refresh", "--yes", "--diff")
    printed += secretive.run("preview", "--diff")
    printed += secretive.run("stack", "export")
    secretive.bring(plan=declaring(name, summary="hunter2-changed"))
    printed += secretive.run("destroy", "--yes", "--diff")
    assert "[secret]" in printed
    assert "hunter2" not in printed
    kept = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert len(kept) > 10
    assert [path for path in kept if b"hunter2" in path.read_bytes()] == []


def test_a_failing_check_does_not_repeat_a_secret(secretive, name):
    """What is wrong with a secret input is told without its value."""
    plan = declaring(name, tags={"key": "hunter2" * 40}, integrations=pager_duty("hunter2" * 80))
    plan["actions"] = automation(role_arn="hunter2", parameters={"Key": ["hunter2" * 80]})
    secretive.declare(plan=plan)
    printed = secretive.fails("preview")
    assert "tags must be at most 256 characters, not 280" in printed
    assert "actions[0].ssm_automation.role_arn must be an ARN, such as arn:" in printed
    assert "secret_id must be 1 to 512 characters, not 560" in printed
    assert "hunter2" not in printed
