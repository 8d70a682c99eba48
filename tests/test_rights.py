"""What a runbook may do, drills that run one, and topics in other regions.

Real: the components and the SDK; the engine is the SDK's own mock of it.
"""

from __future__ import annotations

import pulumi
import pytest

from pulumi_incidents.stacks import Drill, IncidentResponse, IncidentTopic, Runbook
from tests.mocked import ACCOUNT, PLAN, TOPIC, declared, output, statements

ROLE = f"arn:aws:iam::{ACCOUNT}:role/steps"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/others"
AWS_OWN = "AWS-RestartEC2Instance"
ASSUMES = """
schemaVersion: "0.3"
assumeRole: "{{ Taken }}"
parameters:
  Taken: {type: String, default: ""}
mainSteps: []
"""
LITERAL = f"""
schemaVersion: "0.3"
assumeRole: {ROLE}
mainSteps: []
"""
PLAIN = "{schemaVersion: '0.3', mainSteps: []}"


def runbook(**args):
    """Declare a runbook with these inputs, and return what is declared."""
    return declared(lambda: Runbook("r", "checkout", args))


def response(**args):
    """Declare a response with these inputs, and return what is declared."""
    return declared(lambda: IncidentResponse("x", {"title": "Down", "impact": 1, **args}))


def refused(declare, **args):
    """Return the sentences by which inputs are refused."""
    with pytest.raises(pulumi.RunError) as told:
        declare(**args)
    return str(told.value).splitlines()


def passed(found, name="r"):
    """Return the roles that a runbook's role may pass."""
    policy = statements(found["RolePolicy", name]["policy"])
    return [each["Resource"] for each in policy if each["Action"] == "iam:PassRole"]


@pytest.mark.parametrize(
    "args",
    [
        {"document_name": AWS_OWN, "parameters": {"AutomationAssumeRole": [ROLE]}},
        {"content": ASSUMES, "parameters": {"Taken": [ROLE]}},
        {"content": ASSUMES.replace('""', ROLE)},
        {"content": LITERAL},
        {"document_name": "Restart"},
    ],
)
def test_the_role_that_a_document_assumes_may_be_passed(args):
    """However the document names it: by a parameter, its default, or a text of its own."""
    assert passed(runbook(**args, assume_role_arn=ROLE)) == [ROLE]


def test_a_role_that_is_made_beside_the_runbook_is_passed():
    """Its ARN is an output, in the parameters and as the role that is passed."""
    found = declared(
        lambda: Runbook(
            "r",
            "checkout",
            {
                "document_name": AWS_OWN,
                "parameters": {"AutomationAssumeRole": [output(ROLE)]},
                "assume_role_arn": output(ROLE),
            },
        )
    )
    assert passed(found) == [ROLE]


NOT_PASSED = (
    "names a role that the role made here may not pass, so the runbook would fail at the first "
    "incident: give it as assume_role_arn as well, or give a role_arn of yours."
)


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (
            {"document_name": AWS_OWN, "parameters": {"AutomationAssumeRole": [ROLE]}},
            f"parameters.AutomationAssumeRole {NOT_PASSED}",
        ),
        (
            {"content": ASSUMES, "parameters": {"Taken": [ROLE]}},
            f"parameters.Taken {NOT_PASSED}",
        ),
        ({"content": ASSUMES.replace('""', ROLE)}, f"parameters.Taken {NOT_PASSED}"),
        ({"content": LITERAL}, f"content.assumeRole {NOT_PASSED}"),
        (
            {"content": ASSUMES, "assume_role_arn": ROLE},
            (
                "parameters.Taken has to name the role as well: assume_role_arn only lets it be "
                "passed."
            ),
        ),
        (
            {"content": PLAIN, "assume_role_arn": ROLE},
            "assume_role_arn is for a document that assumes a role, and content has no assumeRole.",
        ),
        (
            {
                "document_name": AWS_OWN,
                "parameters": {"AutomationAssumeRole": [OTHER]},
                "assume_role_arn": ROLE,
            },
            (
                "parameters.AutomationAssumeRole and assume_role_arn must be the same role; "
                f"got {OTHER!r}."
            ),
        ),
        (
            {"document_name": AWS_OWN, "assume_role_arn": "steps"},
            "assume_role_arn must be the ARN of a role; got 'steps'.",
        ),
        (
            {"document_name": AWS_OWN, "assume_role_arn": ROLE, "role_arn": OTHER},
            (
                "assume_role_arn and role_arn exclude each other: a role of yours has rights of "
                "its own."
            ),
        ),
        (
            {
                "document_name": "Restart",
                "statements": [{"Action": "s3:GetObject", "Resource": "*"}],
                "role_arn": OTHER,
            },
            "statements and role_arn exclude each other: a role of yours has rights of its own.",
        ),
        (
            {"document_name": "Restart", "statements": [{"Resource": "*"}]},
            "statements[0].Action is required.",
        ),
        (
            {
                "document_name": "Restart",
                "statements": [{"Action": "s3:*", "Resource": "*", "Principal": "*"}],
            },
            (
                "statements[0].Principal is no part of a statement of a role; there are Sid, "
                "Effect, Action, NotAction, Resource, NotResource, Condition."
            ),
        ),
        (
            {"document_name": "Restart", "statements": ["s3:*"]},
            "statements[0] must be a map; got 's3:*'.",
        ),
        (
            {"document_name": "arn:aws:ssm:us-east-1:1:document/Restart"},
            (
                "document_name must be the name of an automation document, or its ARN; "
                "got 'arn:aws:ssm:us-east-1:1:document/Restart'."
            ),
        ),
        (
            {"document_name": "Restart", "share_with": [ACCOUNT]},
            "share_with is for a document made of content: the owner of another one shares it.",
        ),
        (
            {"content": PLAIN, "share_with": [ACCOUNT, "21098765432"]},
            "share_with[1] must be the 12 digits of an account; got '21098765432'.",
        ),
    ],
)
def test_what_would_fail_at_the_first_incident_is_refused(args, sentence):
    """One sentence says what is wrong, and of a part of a response where it stands."""
    assert refused(runbook, **args) == [f"Runbook r: {sentence}"]
    [told] = refused(response, runbook=args)
    assert told == f"IncidentResponse x: runbook.{sentence}"


@pytest.mark.parametrize(
    "args",
    [
        {"document_name": AWS_OWN, "parameters": {"AutomationAssumeRole": [""]}},
        {"document_name": AWS_OWN, "parameters": {"AutomationAssumeRole": []}},
        {"content": ASSUMES},
        {
            "document_name": AWS_OWN,
            "parameters": {"AutomationAssumeRole": [ROLE]},
            "role_arn": OTHER,
        },
    ],
)
def test_a_document_that_assumes_no_role_or_has_a_role_of_yours_is_let_through(args):
    """An empty parameter is no role, and what a given role may pass is its owner's to say."""
    found = runbook(**args)
    assert ("Role", "r") not in found or passed(found) == []


def test_statements_are_for_the_steps_of_the_document():
    """They may hold outputs, and come after what a start needs."""
    read = {"Action": ["ssm-incidents:ListTimelineEvents"], "Resource": PLAN}
    found = declared(
        lambda: Runbook(
            "r",
            "checkout",
            {"document_name": "Read", "statements": [{**read, "Resource": output(PLAN)}]},
        )
    )
    assert statements(found["RolePolicy", "r"]["policy"])[1:] == [read]


@pytest.mark.parametrize(("args", "name"), [({}, "r"), ({"role_arn": OTHER}, None)])
def test_the_name_of_the_role_is_told_where_one_is_made(args, name):
    """Whoever attaches a policy of their own needs it; a given role has a name already."""
    seen = []
    declared(
        lambda: Runbook("r", "checkout", {"document_name": "Restart", **args}).role_name.apply(
            seen.append
        )
    )
    assert seen == [name]


def test_a_document_is_shared_with_the_accounts_that_are_named():
    """Each is named once, in the order of their numbers, so that a refresh finds no other one."""
    found = runbook(content=PLAIN, share_with=["210987654321", ACCOUNT, ACCOUNT])
    assert found["Document", "r"]["permissions"] == {
        "type": "Share",
        "account_ids": f"{ACCOUNT},210987654321",
    }
    assert "permissions" not in runbook(content=PLAIN)["Document", "r"]


def trusted(found, name):
    """Return the incident records for which a role may be taken."""
    (statement,) = statements(found["Role", name]["assumeRolePolicy"])
    return statement["Condition"]["ArnLike"]["aws:SourceArn"].partition(":incident-record/")[2]


@pytest.mark.parametrize(("drill", "plans"), [("drill", "drill-plan-*"), ("a b", "a-b-plan-*")])
def test_a_drills_runbook_has_a_role_for_the_plan_of_the_drill(drill, plans):
    """The trust follows the automatic name of that plan, in which odd characters are dashes."""
    args = {"occurrence": "1", "plan_arn": PLAN, "runbook": {"document_name": "Restart"}}
    found = declared(lambda: Drill(drill, args))
    assert trusted(found, f"{drill}-runbook") == f"{plans}/*"
    (action,) = found["ResponsePlan", f"{drill}-plan"]["actions"]
    assert action["ssm_automation"]["document_name"] == "Restart"
    assert action["ssm_automation"]["role_arn"] == f"arn:of:{drill}-runbook"


def test_a_responses_drill_runs_the_document_of_the_response_with_a_role_of_its_own():
    """The document is made and shared once; rights and parameters are those of the real runbook."""
    wanted = {
        "content": ASSUMES,
        "parameters": {"Taken": [ROLE]},
        "assume_role_arn": ROLE,
        "share_with": [ACCOUNT],
    }
    found = response(runbook=wanted, tags={"a": "b"}, drill={"occurrence": "1", "runbook": True})
    assert [name for kind, name in found if kind == "Document"] == ["x-runbook"]
    assert passed(found, "x-drill-runbook") == passed(found, "x-runbook") == [ROLE]
    assert trusted(found, "x-runbook") == "x-test/*"
    assert trusted(found, "x-drill-runbook") == "x-drill-plan-*/*"
    assert found["Role", "x-drill-runbook"]["tags"] == {"a": "b"}
    real, drill = (
        found["ResponsePlan", name]["actions"][0]["ssm_automation"]
        for name in ("x-plan", "x-drill-plan")
    )
    assert drill == {**real, "role_arn": "arn:of:x-drill-runbook"}


def test_a_responses_drill_runs_nothing_unless_it_says_so():
    """A muted drill of a response with a runbook has no action."""
    found = response(runbook={"document_name": "Restart"}, drill={"occurrence": "1"})
    assert "actions" not in found["ResponsePlan", "x-drill-plan"]


ACTION = {"ssm_automation": {"document_name": "Restart", "role_arn": ROLE}}


def test_a_drill_has_one_runbook_and_a_response_gives_it_its_own():
    """Two are refused, and so is one where there is none."""
    args = {"occurrence": "1", "plan_arn": PLAN, "runbook": {}, "action": ACTION}
    assert refused(lambda: declared(lambda: Drill("d", args))) == [
        "Drill d: runbook: set either document_name or content.",
        "Drill d: runbook and action exclude each other.",
    ]
    assert refused(response, drill={"occurrence": "1", "runbook": True}) == [
        "IncidentResponse x: drill.runbook has nothing to run: the response has no runbook."
    ]


MAIL = {"protocol": "email", "endpoint": "me@example.com"}


def test_a_topic_is_made_in_other_regions_as_it_is_in_its_own():
    """Each has its policy, key and subscriptions there; the first one keeps its names."""
    args = {"encrypted": True, "subscribers": [MAIL], "other_regions": ["eu-west-1"]}
    found = declared(lambda: IncidentTopic("t", args))
    kinds = ("Key", "Topic", "TopicPolicy")
    for name, region in (("t", None), ("t-eu-west-1", "eu-west-1")):
        assert [found[kind, name].get("region") for kind in kinds] == [region] * 3
        assert found["Topic", name]["kmsMasterKeyId"] == f"arn:of:{name}"
        (policy,) = statements(found["TopicPolicy", name]["policy"])
        assert policy["Resource"] == f"arn:of:{name}"
        mail = found["TopicSubscription", f"{name}-email-me-example-com-8b6d430"]
        assert mail.get("region") == region
        assert mail["topic"] == f"arn:of:{name}"


def test_a_plan_tells_the_topics_of_all_regions():
    """The one of the stack's own region comes first, and those that exist come last."""
    found = response(
        notifications={"other_regions": ["eu-west-1"]},
        chat={"other_regions": ["eu-west-1"]},
        chat_topic_arns=[f"{TOPIC}chat"],
    )
    plan = found["ResponsePlan", "x-plan"]
    chat = ["arn:of:x-chat", "arn:of:x-chat-eu-west-1", f"{TOPIC}chat"]
    assert plan["chat_channel"]["chatbot_sns"] == chat
    told = [target["sns_topic_arn"] for target in plan["incident_template"]["notification_targets"]]
    assert told == ["arn:of:x-notifications", "arn:of:x-notifications-eu-west-1"]


def test_a_topic_tells_the_arns_of_all_regions_its_own_first():
    """What goes into a plan by hand is one output."""
    seen = []
    declared(lambda: IncidentTopic("t", {"other_regions": ["eu-west-1"]}).arns.apply(seen.append))
    assert seen == [["arn:of:t", "arn:of:t-eu-west-1"]]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (
            {"other_regions": ["Ireland"]},
            "other_regions[0] must be a region, such as eu-west-1; got 'Ireland'.",
        ),
        (
            {"other_regions": ["eu-west-1", "eu-west-1"]},
            "other_regions[1] is eu-west-1 once more; take it out.",
        ),
        (
            {"other_regions": ["eu-west-1"], "kms_key_id": "alias/mine"},
            (
                "other_regions and kms_key_id exclude each other: a key is of one region; set "
                "encrypted."
            ),
        ),
        ({"other_regions": "eu-west-1"}, "other_regions must be a list; got 'eu-west-1'."),
    ],
)
def test_a_wrong_region_is_refused(args, sentence):
    """Each mistake is one sentence, in a topic and in a part of a response."""
    assert refused(lambda: declared(lambda: IncidentTopic("t", args))) == [
        f"IncidentTopic t: {sentence}"
    ]
    assert refused(response, chat=args) == [f"IncidentResponse x: chat.{sentence}"]


def test_more_topics_than_a_plan_takes_are_refused():
    """Those that are made in other regions are counted as well."""
    regions = ["eu-west-1", "eu-west-2"]
    existing = [f"{TOPIC}{number}" for number in range(8)]
    assert refused(
        response,
        notifications={"other_regions": regions},
        notification_topic_arns=existing,
        chat={"other_regions": regions},
        chat_topic_arns=existing[:3],
    ) == [
        (
            "IncidentResponse x: notifications and notification_topic_arns are 11 topics; a plan "
            "takes at most 10."
        ),
        "IncidentResponse x: chat and chat_topic_arns are 6 topics; a plan takes at most 5.",
    ]
