"""The local AWS minds permissions, as AWS does where it is documented.

Real: the server process, HTTP on 127.0.0.1, boto3, and moto's IAM, SNS, KMS, SSM, CloudWatch and
EventBridge behind it; the policies are those that the components make. A fault is planted by taking
one thing away.
"""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from pulumi_incidents.stacks import _policies
from tests import rights
from tests.rights import ACCOUNT, BEFORE, allow

OTHER = "210987654321"
PLAN = f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/checkout"
CONTACT = f"arn:aws:ssm-contacts:us-east-1:{ACCOUNT}:contact/oncall"
RUNBOOK = "Restart-Checkout"
DENIED = "AccessDeniedException"
STARTED = "SSM Automation Execution Start for Incident"
NOT_STARTED = "SSM Automation Execution Start Failure for Incident"
UNHEARD = "SSM Incident Notification Failure"
EVENT = {"Source": "com.example", "DetailType": "Deployment failed", "Detail": "{}"}
PATTERN = '{"source": ["com.example.deploys"]}'


class Team:
    """A team's account: what it makes with boto3, and what comes of it."""

    def __init__(self, local_aws):
        self.local_aws = local_aws
        names = ("ssm-incidents", "sns", "iam", "ssm", "kms", "cloudwatch", "events")
        clients = [local_aws.client(name) for name in names]
        self.incidents, self.sns, self.iam, self.ssm, self.kms, self.alarms, self.events = clients

    def plan(self, name="checkout", **members):
        """Create a plan, and return its ARN."""
        template = {"title": "Down", "impact": 1, **members.pop("template", {})}
        made = self.incidents.create_response_plan(name=name, incidentTemplate=template, **members)
        return made["arn"]

    def plan_with_runbook(self, role, **runbook):
        """Create a plan that runs a runbook."""
        automation = {"documentName": RUNBOOK, "roleArn": role, **runbook}
        return self.plan(actions=[{"ssmAutomation": automation}])

    def start(self, plan=PLAN):
        """Start an incident, and return its ARN."""
        return self.incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]

    def noted(self, record, kind):
        """Return the data of the events of a kind on a timeline."""
        condition = {"equals": {"stringValues": [kind]}}
        found = self.incidents.list_timeline_events(
            incidentRecordArn=record, filters=[{"key": "eventType", "condition": condition}]
        )["eventSummaries"]
        events = (
            self.incidents.get_timeline_event(incidentRecordArn=record, eventId=each["eventId"])
            for each in found
        )
        return [json.loads(event["event"]["eventData"]) for event in events]

    def records(self):
        """Return how many incidents there are."""
        return len(self.incidents.list_incident_records()["incidentRecordSummaries"])

    def rule(self, role, plan=PLAN):
        """Let an event start a plan with a role, and put the event."""
        pattern = json.dumps({"source": [EVENT["Source"]]})
        self.events.put_rule(Name="deploys", EventPattern=pattern)
        target = {"Id": "plan", "Arn": plan, "RoleArn": role}
        self.events.put_targets(Rule="deploys", Targets=[target])
        self.events.put_events(Entries=[EVENT])

    def alarm(self, plan=PLAN):
        """Let an alarm start a plan, and set it off."""
        self.alarms.put_metric_alarm(**rights.alarm(plan))
        self.ring()

    def ring(self):
        """Set the alarm off."""
        for state in ("OK", "ALARM"):
            self.alarms.set_alarm_state(AlarmName="errors", StateValue=state, StateReason="test")

    def denied(self):
        """Return the one denial that there is."""
        [denial] = self.local_aws.denials()
        return denial


@pytest.fixture
def team(local_aws):
    """Return a team with an empty account."""
    return Team(local_aws)


def refused(call):
    """Return the code and the message with which AWS refuses a call."""
    with pytest.raises(ClientError) as raised:
        call()
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


# Before and after


def test_what_the_components_made_before_fails_visibly_and_what_they_make_now_runs(team):
    """The old policies start no runbook and no incident of a rule, and say so; the new ones do."""
    rights.document(team.ssm)
    old = rights.role(team.iam, "old", BEFORE["runbook_trust"], BEFORE["runbook_permissions"])
    team.plan_with_runbook(old)
    record = team.start()
    [failure] = team.noted(record, NOT_STARTED)
    assert failure["errorCode"] == DENIED
    assert (
        "is not authorized to perform: ssm:StartAutomationExecution on" in failure["errorMessage"]
    )
    rule_role = rights.role(team.iam, "rule", BEFORE["event_trust"], BEFORE["event_permissions"])
    team.rule(rule_role)
    actions = [denial["action"] for denial in team.local_aws.denials()]
    assert actions == ["ssm:StartAutomationExecution", "ssm:CreateOpsItem"]
    assert team.records() == 1

    rights.grant(team.iam, "old", _policies.runbook_permissions("aws", ACCOUNT, RUNBOOK))
    rights.grant(team.iam, "rule", _policies.event_permissions(PLAN))
    assert team.noted(team.start(), STARTED)
    team.events.put_events(Entries=[EVENT])
    assert team.records() == 3
    assert len(team.local_aws.denials()) == 2


# Topics and keys


def test_a_topic_without_policy_is_refused_when_a_plan_names_it(team):
    """A chat channel or a target that would hear nothing is found when the plan is made."""
    topic = team.sns.create_topic(Name="told")["TopicArn"]
    targets = {"notificationTargets": [{"snsTopicArn": topic}]}
    missing = f"{topic}-not"
    team.plan("empty")
    empty = PLAN.replace("checkout", "empty")
    calls = {
        topic: [
            lambda: team.plan(template=targets),
            lambda: team.plan(chatChannel={"chatbotSns": [topic]}),
            lambda: team.incidents.update_response_plan(
                arn=empty, chatChannel={"chatbotSns": [topic]}
            ),
            lambda: team.incidents.update_response_plan(
                arn=empty, incidentTemplateNotificationTargets=targets["notificationTargets"]
            ),
        ],
        missing: [lambda: team.plan(chatChannel={"chatbotSns": [missing]})],
    }
    for named, each in calls.items():
        for call in each:
            code, message = refused(call)
            assert code == "ValidationException"
            assert f"cannot publish to the SNS topic {named}, so it can't be added" in message
    rights.let_publish(team.sns, topic)
    team.plan(template=targets)


def test_a_topic_that_shuts_its_publisher_out_later_is_noted(team):
    """The incident starts, and its timeline tells which topic heard nothing, and why."""
    topic = rights.topic(team.sns, "told")
    team.plan(template={"notificationTargets": [{"snsTopicArn": topic}]})
    other = BEFORE["notification_topic"].replace(ACCOUNT, OTHER)
    team.sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=other)
    record = team.start()
    [unheard] = team.noted(record, UNHEARD)
    assert "is not authorized to perform: sns:Publish on resource" in unheard["reason"]
    assert unheard["snsTopicArn"] == team.denied()["resource"] == topic
    assert team.denied()["effect"] == f"{topic} is told nothing of {record}"
    assert team.local_aws.messages() == []


@pytest.mark.parametrize(
    ("policy", "who"),
    [
        (BEFORE["topic_key"], "ssm-contacts.amazonaws.com"),
        (
            BEFORE["topic_key"].replace("ssm-incidents.amazon", "ssm-contacts.amazon"),
            "ssm-incidents.amazonaws.com",
        ),
        (allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), "ssm-incidents"),
    ],
)
def test_a_key_without_one_of_the_principals_shuts_incident_manager_out(team, policy, who):
    """Incident Manager is two principals, and the key of an encrypted topic has to let in both."""
    key = team.kms.create_key(Policy=rights.as_text(policy))["KeyMetadata"]["KeyId"]
    topic = rights.topic(team.sns, "told", KmsMasterKeyId=key)
    chat = {"chatbotSns": [topic]}
    code, message = refused(lambda: team.plan(chatChannel=chat))
    assert code == "ValidationException"
    assert f"User: {who}" in message
    assert "is not authorized to perform: kms:GenerateDataKey on resource" in message
    right = _policies.topic_key("aws", ACCOUNT)
    team.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=right)
    team.plan(chatChannel=chat)


def test_a_key_that_is_not_there_for_it_encrypts_nothing(team):
    """The key of SNS itself, one that is disabled and one that is gone are told apart."""
    policy = _policies.topic_key("aws", ACCOUNT)
    key = team.kms.create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    team.kms.create_alias(AliasName="alias/incidents", TargetKeyId=key)
    topic = rights.topic(team.sns, "told", KmsMasterKeyId="alias/incidents")
    chat = {"chatbotSns": [topic]}
    team.plan("first", chatChannel=chat)
    team.kms.disable_key(KeyId=key)
    assert f"{key} of {topic} is Disabled" in refused(lambda: team.plan(chatChannel=chat))[1]
    for named, told in (
        ("alias/gone", "The key alias/gone of"),
        ("alias/aws/sns", "the policy of alias/aws/sns, which is AWS's own, lets no service in"),
    ):
        team.sns.set_topic_attributes(
            TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=named
        )
        assert told in refused(lambda: team.plan(chatChannel=chat))[1]


# Runbooks


def failure(team, role, **runbook):
    """Return code and message of a runbook that does not start; its incident does."""
    team.plan_with_runbook(role, **runbook)
    record = team.start()
    [noted] = team.noted(record, NOT_STARTED)
    denial = team.denied()
    assert (denial["code"], denial["message"]) == (noted["errorCode"], noted["errorMessage"])
    assert denial["effect"] == f"{record} runs no runbook"
    assert (
        team.incidents.get_incident_record(arn=record)["incidentRecord"]["automationExecutions"]
        == []
    )
    assert noted["roleArn"] == role
    return noted["errorCode"], noted["errorMessage"]


def test_a_runbook_with_the_rights_that_the_component_gives_starts(team):
    """Document and execution are allowed, its parameters are there, and nothing is denied."""
    parameters = {"Incident": {"type": "String"}, "Hosts": {"type": "StringList", "default": []}}
    rights.document(team.ssm, parameters=parameters)
    dynamic = {"Incident": {"variable": "INCIDENT_RECORD_ARN"}}
    team.plan_with_runbook(rights.runbook_role(team.iam), dynamicParameters=dynamic)
    [started] = team.noted(team.start(), STARTED)
    assert started["ssmDocumentName"] == RUNBOOK
    assert team.local_aws.denials() == []


@pytest.mark.parametrize(
    ("trust", "why"),
    [
        (_policies.runbook_trust("aws", ACCOUNT, "another"), "no role trust policy allows"),
        (_policies.runbook_trust("aws", OTHER, "checkout"), "no role trust policy allows"),
        (_policies.event_trust("aws", ACCOUNT), "no role trust policy allows"),
    ],
)
def test_a_role_with_the_wrong_trust_runs_nothing(team, trust, why):
    """The role of another plan, of another account's or of another service is not taken."""
    rights.document(team.ssm)
    permissions = _policies.runbook_permissions("aws", ACCOUNT, RUNBOOK)
    code, message = failure(team, rights.role(team.iam, "runbook", trust, permissions))
    assert code == DENIED
    assert (
        "User: ssm-incidents.amazonaws.com is not authorized to perform: sts:AssumeRole" in message
    )
    assert why in message


def test_a_role_that_is_gone_runs_nothing(team):
    """A plan keeps the ARN of a role that somebody deleted."""
    code, message = failure(team, f"arn:aws:iam::{ACCOUNT}:role/gone")
    assert code == DENIED
    assert message.endswith("because the role does not exist")


@pytest.mark.parametrize("missing", ["document", "automation-execution"])
def test_a_role_needs_both_the_document_and_the_execution(team, missing):
    """StartAutomationExecution has two required resources, and one of them is not enough."""
    rights.document(team.ssm)
    resources = {
        "document": f"arn:aws:ssm:*:{ACCOUNT}:document/{RUNBOOK}",
        "automation-execution": f"arn:aws:ssm:*:{ACCOUNT}:automation-execution/*",
    }
    del resources[missing]
    trust = _policies.runbook_trust("aws", ACCOUNT, "checkout")
    permissions = allow("ssm:StartAutomationExecution", list(resources.values()))
    code, message = failure(team, rights.role(team.iam, "runbook", trust, permissions))
    assert code == DENIED
    assert f":{missing}/" in message


def test_a_document_that_is_gone_is_no_runbook(team):
    """A plan keeps the name of a document that somebody deleted."""
    code, message = failure(team, rights.runbook_role(team.iam))
    assert code == "AutomationDefinitionNotFoundException"
    assert message == (
        f"The automation document arn:aws:ssm:us-east-1:{ACCOUNT}:document/{RUNBOOK} "
        "does not exist."
    )


@pytest.mark.parametrize("name", ["arn:no-document", f"arn:aws:ssm:nowhere-1:{OTHER}:document/x"])
def test_what_names_no_document_is_no_runbook(team, name):
    """The model allows such names, and the incident starts all the same."""
    role = rights.runbook_role(team.iam)
    rights.grant(team.iam, "runbook", allow("ssm:StartAutomationExecution"))
    code, _ = failure(team, role, documentName=name)
    assert code == "AutomationDefinitionNotFoundException"


def test_a_version_that_is_gone_is_no_runbook(team):
    """So it is with a version; the default and the latest are always there."""
    rights.document(team.ssm)
    role = rights.runbook_role(team.iam)
    code, _ = failure(team, role, documentVersion="7")
    assert code == "AutomationDefinitionVersionNotFoundException"
    for version in ("1", "$DEFAULT", "$LATEST"):
        runbook = {"documentName": RUNBOOK, "roleArn": role, "documentVersion": version}
        plan = team.plan(f"v-{version.strip('$')}", actions=[{"ssmAutomation": runbook}])
        trust = _policies.runbook_trust("aws", ACCOUNT, "*")
        team.iam.update_assume_role_policy(RoleName="runbook", PolicyDocument=trust)
        assert team.noted(team.start(plan), STARTED)


@pytest.mark.parametrize(
    ("parameters", "given", "told"),
    [
        ({"Host": {"type": "String"}}, {}, "The document needs Host."),
        ({}, {"parameters": {"Host": ["a"]}}, "The document has no parameter Host."),
        (
            {"Resources": {"type": "String"}},
            {"dynamicParameters": {"Resources": {"variable": "INVOLVED_RESOURCES"}}},
            "Resources is a String, and INVOLVED_RESOURCES is for a StringList.",
        ),
    ],
)
def test_parameters_that_do_not_fit_start_nothing(team, parameters, given, told):
    """What the document needs and what the plan gives it are compared."""
    rights.document(team.ssm, parameters=parameters)
    code, message = failure(team, rights.runbook_role(team.iam), **given)
    assert (code, message) == ("InvalidAutomationExecutionParametersException", told)


ASSUMED = f"arn:aws:iam::{ACCOUNT}:role/steps"
ASSUMING = {
    "assumeRole": "{{ AutomationAssumeRole }}",
    "parameters": {"AutomationAssumeRole": {"type": "String", "default": ""}},
}
PASSED = {"AutomationAssumeRole": [ASSUMED]}
SYSTEMS_MANAGER = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ssm.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def test_a_role_that_the_document_assumes_has_to_be_passed(team):
    """The runbook's role needs iam:PassRole on it, for Systems Manager."""
    rights.document(team.ssm, **ASSUMING)
    rights.role(team.iam, "steps", SYSTEMS_MANAGER)
    code, message = failure(team, rights.runbook_role(team.iam), parameters=PASSED)
    assert code == DENIED
    assert f"is not authorized to perform: iam:PassRole on resource: {ASSUMED}" in message
    more = _policies.runbook_permissions("aws", ACCOUNT, RUNBOOK, assume_role_arn=ASSUMED)
    rights.grant(team.iam, "runbook", more)
    assert team.noted(team.start(), STARTED)


def test_a_role_that_the_document_assumes_has_to_trust_systems_manager(team):
    """Without it the automation has nobody to run as."""
    rights.document(team.ssm, **ASSUMING)
    rights.role(team.iam, "steps", _policies.event_trust("aws", ACCOUNT))
    role = rights.runbook_role(team.iam, assume_role_arn=ASSUMED)
    code, message = failure(team, role, parameters=PASSED)
    assert code == DENIED
    assert "User: ssm.amazonaws.com is not authorized to perform: sts:AssumeRole" in message


def test_a_document_of_aws_starts_with_the_role_that_it_assumes(team):
    """Its ARN has no account; its role is the parameter that all of them have."""
    rights.role(team.iam, "steps", SYSTEMS_MANAGER)
    name = "AWS-RestartEC2Instance"
    role = rights.runbook_role(team.iam, document=name, assume_role_arn=ASSUMED)
    team.plan_with_runbook(role, documentName=name, parameters=PASSED)
    assert team.noted(team.start(), STARTED)
    rights.grant(team.iam, "runbook", _policies.runbook_permissions("aws", ACCOUNT, name))
    assert "iam:PassRole" in team.noted(team.start(), NOT_STARTED)[0]["errorMessage"]


def test_a_shared_document_runs_where_it_is_shared(team):
    """The ARN of another account's document is taken, once that account shares it."""
    arn = f"arn:aws:ssm:us-east-1:{OTHER}:document/Shared-Restart"
    ssm = rights.owner_of_document(team.local_aws, arn)
    rights.document(ssm, "Shared-Restart")
    role = rights.runbook_role(team.iam, document=arn)
    code, _ = failure(team, role, documentName=arn)
    assert code == "AutomationDefinitionNotFoundException"
    rights.share(ssm, "Shared-Restart")
    assert team.noted(team.start(), STARTED)


def test_a_document_is_found_by_its_arn(team):
    """One of its own always, one of another account while that shares it, in its region alone."""
    rights.document(team.ssm, description="ours")
    ours = f"arn:aws:ssm:us-east-1:{ACCOUNT}:document/Restart-Checkout"
    arn = f"arn:aws:ssm:us-east-1:{OTHER}:document/Restart-Checkout"
    theirs = rights.owner_of_document(team.local_aws, arn)
    rights.document(theirs, description="theirs")

    def description(name, region="us-east-1"):
        ssm = team.local_aws.client("ssm", region_name=region)
        try:
            found = ssm.get_document(Name=name, DocumentVersion="1", DocumentFormat="JSON")
        except ClientError as error:
            return error.response["Error"]["Code"]
        return json.loads(found["Content"])["description"]

    assert description(ours) == "ours"
    assert description(arn) == "InvalidDocument"
    rights.share(theirs, "Restart-Checkout")
    assert description(arn) == "theirs"
    assert description("Restart-Checkout") == "ours"
    assert description(arn, "eu-west-1") == "InvalidDocument"
    assert description(arn.replace("Restart-Checkout", "Nothing")) == "InvalidDocument"


def test_an_automation_in_the_impacted_account_needs_the_role_there(team):
    """The role takes it by way of Systems Manager, and it trusts the role."""
    rights.document(team.ssm)
    there = "AWS-SystemsManager-AutomationExecutionRole"
    role = rights.runbook_role(team.iam, cross_account=True)
    code, message = failure(team, role, targetAccount="IMPACTED_ACCOUNT")
    assert code == DENIED
    assert message.endswith("because the role does not exist")
    rights.role(team.iam, there, _policies.event_trust("aws", ACCOUNT))
    [refusal] = team.noted(team.start(), NOT_STARTED)
    assert "because no role trust policy allows" in refusal["errorMessage"]
    trust = {**SYSTEMS_MANAGER["Statement"][0], "Principal": {"AWS": role}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    team.iam.update_assume_role_policy(RoleName=there, PolicyDocument=policy)
    assert team.noted(team.start(), STARTED)
    rights.grant(team.iam, "runbook", _policies.runbook_permissions("aws", ACCOUNT, RUNBOOK))
    [refusal] = team.noted(team.start(), NOT_STARTED)
    assert "is not authorized to perform: sts:AssumeRole on" in refusal["errorMessage"]


# Rules and alarms


def without(policy, sid):
    """Return a policy without one of its statements."""
    document = json.loads(policy)
    kept = [each for each in document["Statement"] if each["Sid"] != sid]
    assert len(kept) == len(document["Statement"]) - 1
    return json.dumps({**document, "Statement": kept})


@pytest.mark.parametrize(
    ("sid", "action"),
    [
        ("StartIncident", "ssm-incidents:StartIncident"),
        ("IncidentManagerEngages", "ssm-contacts:StartEngagement"),
        ("IncidentManagerOpensAnOpsItem", "ssm:CreateOpsItem"),
    ],
)
def test_the_role_of_a_rule_needs_each_of_its_statements(team, sid, action):
    """Without one of them an event starts nothing, and that is told; with all it starts."""
    team.plan(engagements=[CONTACT])
    all_of_it = _policies.event_permissions(PLAN)
    trust = _policies.event_trust("aws", ACCOUNT)
    role = rights.role(team.iam, "events", trust, without(all_of_it, sid))
    team.rule(role)
    denial = team.denied()
    assert (denial["action"], denial["code"]) == (action, DENIED)
    assert denial["effect"].endswith(f"rule/deploys started no incident of {PLAN}")
    assert team.records() == 0
    rights.grant(team.iam, "events", all_of_it)
    team.events.put_events(Entries=[EVENT])
    assert team.records() == 1


@pytest.mark.parametrize(
    "trust",
    [
        _policies.event_trust("aws", OTHER),
        _policies.runbook_trust("aws", ACCOUNT, "checkout"),
    ],
)
def test_the_role_of_a_rule_has_to_trust_eventbridge(team, trust):
    """The wrong service or account takes no role."""
    team.plan()
    team.rule(rights.role(team.iam, "events", trust, _policies.event_permissions(PLAN)))
    assert team.denied()["action"] == "sts:AssumeRole"
    assert team.denied()["principal"] == "events.amazonaws.com"
    assert team.records() == 0


def test_a_role_of_another_plan_starts_nothing(team):
    """Each rule's role starts its own plan."""
    team.plan()
    team.plan("other")
    team.rule(rights.event_role(team.iam, PLAN.replace("checkout", "other")))
    assert team.denied()["resource"] == PLAN
    assert team.records() == 0


def test_an_alarm_starts_plans_of_its_own_account(team):
    """CloudWatch's role may start each of them, and none of another account."""
    team.plan()
    team.alarm()
    assert team.records() == 1
    elsewhere = PLAN.replace(ACCOUNT, OTHER)
    team.alarm(elsewhere)
    denial = team.denied()
    assert (denial["action"], denial["resource"]) == ("ssm-incidents:StartIncident", elsewhere)
    assert denial["message"].endswith("because the response plan is of another account")
    assert denial["effect"].endswith(f":alarm:errors started no incident of {elsewhere}")


def test_an_alarm_whose_role_is_gone_starts_nothing(team):
    """The service-linked role is made with the first such alarm, and somebody may delete it."""
    team.plan()
    team.alarm()
    role = "AWSServiceRoleForCloudWatchAlarms_ActionSSMIncidents"
    team.iam.delete_service_linked_role(RoleName=role)
    team.ring()
    assert team.denied()["message"].endswith("because the role does not exist")
    assert team.records() == 1


# What is on


def test_nothing_is_minded_where_nobody_wants_it(team):
    """`off` is until a reset, and a plan may name what is not there."""
    team.local_aws.permissions("off")
    gone = f"arn:aws:iam::{ACCOUNT}:role/gone"
    runbook = {"ssmAutomation": {"documentName": RUNBOOK, "roleArn": gone}}
    topic = {"snsTopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:gone"}
    team.plan(actions=[runbook], template={"notificationTargets": [topic]})
    record = team.start()
    assert team.noted(record, STARTED)
    team.rule(gone)
    assert team.records() == 2
    assert team.local_aws.denials() == []
    team.local_aws.reset()
    assert refused(lambda: team.plan(template={"notificationTargets": [topic]}))


@pytest.mark.parametrize("body", [{}, {"mode": "on"}, {"mode": "off", "more": 1}, {"mode": None}])
def test_a_mode_that_does_not_exist_is_refused(local_aws, body):
    """The control API has three."""
    with pytest.raises(Exception, match="The body must have mode, one of off, services, enforce"):
        local_aws._control("PUT", "permissions", body)
    assert local_aws._control("GET", "permissions") == {"mode": "services"}


# Callers


@pytest.fixture
def as_user(team):
    """Return a client of a service with the keys of a user who has just these policies."""

    def client(service, *policies, name="ana"):
        team.iam.create_user(UserName=name)
        for number, policy in enumerate(policies):
            team.iam.put_user_policy(
                UserName=name, PolicyName=f"p{number}", PolicyDocument=rights.as_text(policy)
            )
        keys = team.iam.create_access_key(UserName=name)["AccessKey"]
        return team.local_aws.client(
            service,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
        )

    team.local_aws.permissions("enforce")
    return client


def test_a_user_may_do_what_its_policies_say(team, as_user):
    """A denial is AWS's: its code, its words, and nothing done."""
    incidents = as_user("ssm-incidents", allow("ssm-incidents:Get*", PLAN))
    team.plan()
    assert incidents.get_response_plan(arn=PLAN)["name"] == "checkout"
    code, message = refused(lambda: incidents.delete_response_plan(arn=PLAN))
    assert code == DENIED
    assert message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/ana is not authorized to perform: "
        f"ssm-incidents:DeleteResponsePlan on resource: {PLAN} "
        "because no identity-based policy allows the ssm-incidents:DeleteResponsePlan action"
    )
    assert team.incidents.get_response_plan(arn=PLAN)
    assert team.denied()["effect"] == "ssm-incidents refused DeleteResponsePlan"
    [request] = [each for each in team.local_aws.requests() if each["error"]]
    assert (request["status"], request["error"]) == (403, DENIED)


def test_the_log_says_which_rights_a_request_took(team, as_user):
    """From it a policy can be written: action, resource and what the conditions can ask for."""
    role = rights.runbook_role(team.iam)
    incidents = as_user("ssm-incidents", allow(["ssm-incidents:*", "iam:PassRole"]))
    runbook = {"ssmAutomation": {"documentName": RUNBOOK, "roleArn": role}}
    template = {"title": "t", "impact": 1}
    incidents.create_response_plan(
        name="checkout", incidentTemplate=template, actions=[runbook], tags={"team": "a"}
    )
    [request] = team.local_aws.requests(operation="CreateResponsePlan")
    passed = {"iam:passedtoservice": "ssm-incidents.amazonaws.com"}
    assert request["needs"] == [
        {"action": "ssm-incidents:CreateResponsePlan", "resource": "*", "context": {}},
        {"action": "ssm-incidents:TagResource", "resource": PLAN, "context": {}},
        {"action": "iam:PassRole", "resource": role, "context": passed},
    ]


def test_a_start_takes_what_it_does_for_its_caller(team, as_user):
    """Whoever may start but not engage starts nothing: nobody would be paged."""
    team.plan(engagements=[CONTACT])
    start = without(_policies.event_permissions(PLAN), "IncidentManagerEngages")
    incidents = as_user("ssm-incidents", start)
    code, message = refused(lambda: incidents.start_incident(responsePlanArn=PLAN))
    assert code == DENIED
    assert f"ssm-contacts:StartEngagement on resource: {CONTACT}" in message
    team.iam.put_user_policy(
        UserName="ana", PolicyName="p0", PolicyDocument=_policies.event_permissions(PLAN)
    )
    assert incidents.start_incident(responsePlanArn=PLAN)
    # The rights are for what Incident Manager does, and no more.
    assert refused(
        lambda: as_user("ssm", _policies.event_permissions(PLAN), name="bob").create_ops_item(
            Title="t", Source="s", Description="d"
        )
    )


def test_a_role_is_passed_by_whoever_may(team, as_user):
    """A plan with a runbook takes iam:PassRole to Incident Manager, a rule's target to events."""
    role = rights.runbook_role(team.iam)
    make = allow(["ssm-incidents:CreateResponsePlan", "events:*"])
    incidents = as_user("ssm-incidents", make)
    runbook = {"ssmAutomation": {"documentName": RUNBOOK, "roleArn": role}}
    template = {"title": "t", "impact": 1}
    create = {"name": "checkout", "incidentTemplate": template, "actions": [runbook]}
    _, message = refused(lambda: incidents.create_response_plan(**create))
    assert f"iam:PassRole on resource: {role}" in message
    for service in ("events.amazonaws.com", "ssm-incidents.amazonaws.com"):
        condition = {"StringEquals": {"iam:PassedToService": service}}
        passing = rights.as_text(allow("iam:PassRole", role, Condition=condition))
        team.iam.put_user_policy(UserName="ana", PolicyName="p1", PolicyDocument=passing)
        if service.startswith("events"):
            assert refused(lambda: incidents.create_response_plan(**create))
    incidents.create_response_plan(**create)
    events = as_user("events", make, name="bob")
    events.put_rule(Name="deploys", EventPattern=PATTERN)
    target = {"Id": "plan", "Arn": PLAN, "RoleArn": role}
    _, message = refused(lambda: events.put_targets(Rule="deploys", Targets=[target]))
    assert f"iam:PassRole on resource: {role}" in message


def test_the_first_alarm_that_starts_a_plan_takes_the_right_to_make_a_role(team, as_user):
    """`iam:CreateServiceLinkedRole` is needed once in an account."""
    alarms = as_user("cloudwatch", allow("cloudwatch:*"))
    alarm = rights.alarm(PLAN)
    _, message = refused(lambda: alarms.put_metric_alarm(**alarm))
    assert "iam:CreateServiceLinkedRole on resource" in message
    team.alarm()
    alarms.put_metric_alarm(**alarm)


def test_a_session_of_a_role_has_the_rights_of_the_role_and_of_its_own_policy(team, as_user):
    """A role lets in whom it trusts, and a session policy takes rights away."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = rights.role(team.iam, "deployer", trust, allow("ssm-incidents:*"))
    sts = as_user("sts", allow("sts:AssumeRole", role))
    theirs = rights.role(team.iam, "theirs", _policies.event_trust("aws", ACCOUNT))
    other = as_user("sts", allow("sts:AssumeRole"), name="bob")
    take = {"RoleArn": role, "RoleSessionName": "ana"}
    assert (
        refused(lambda: sts.assume_role(RoleArn=theirs, RoleSessionName="ana"))[0] == "AccessDenied"
    )
    assert "trust policy" in refused(lambda: other.assume_role(**take))[1]

    def session(**more):
        keys = sts.assume_role(**take, **more)["Credentials"]
        return team.local_aws.client(
            "ssm-incidents",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    assert session().list_response_plans()
    narrow = session(Policy=rights.as_text(allow("ssm-incidents:Get*")))
    assert "no session policy allows" in refused(narrow.list_response_plans)[1]


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("sns", lambda c: c.create_topic(Name="x"), "AuthorizationError"),
        ("iam", lambda c: c.get_role(RoleName="x"), "AccessDenied"),
        ("ssm", lambda c: c.describe_document(Name="x"), DENIED),
        ("events", lambda c: c.list_rules(), DENIED),
        ("kms", lambda c: c.create_key(), DENIED),
        ("cloudwatch", lambda c: c.describe_alarms(), DENIED),
        ("sqs", lambda c: c.create_queue(QueueName="x"), DENIED),
        ("rds", lambda c: c.describe_db_instances(), DENIED),
        ("ec2", lambda c: c.describe_vpcs(), DENIED),
        ("s3", lambda c: c.list_buckets(), DENIED),
        ("route53", lambda c: c.list_hosted_zones(), DENIED),
        ("ssm-contacts", lambda c: c.list_contacts(), DENIED),
    ],
)
def test_every_service_is_closed_to_who_has_no_rights(as_user, service, call, code):
    """Each answers in its own protocol; who somebody is everybody may ask."""
    client = as_user(service, allow("ssm-incidents:*"))
    assert refused(lambda: call(client))[0] == code
    assert as_user("sts", name="bob").get_caller_identity()["Arn"].endswith("user/bob")


def test_whoever_the_local_iam_does_not_know_may_do_everything(team):
    """So that the first user can be made: `test` is nobody's key."""
    team.local_aws.permissions("enforce")
    assert team.plan() == PLAN


def test_what_cannot_be_evaluated_is_denied_and_told(as_user):
    """A condition that the local AWS knows nothing of allows nothing, and is named."""
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    statement = {**allow("ssm-incidents:*", Condition=condition)["Statement"][0], "Sid": "OurOrg"}
    incidents = as_user("ssm-incidents", {"Version": "2012-10-17", "Statement": [statement]})
    _, message = refused(incidents.list_response_plans)
    assert message.endswith(
        "(not evaluated: the condition key aws:principalorgid of statement OurOrg)"
    )


def test_what_aws_adds_to_each_request_is_known(as_user):
    """Guardrails by region, name, account, time and way of transport are evaluated."""
    guard = {
        "StringEquals": {
            "aws:RequestedRegion": "us-east-1",
            "aws:username": "ana",
            "aws:PrincipalAccount": ACCOUNT,
            "aws:PrincipalType": "User",
        },
        "DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
        "Bool": {"aws:SecureTransport": "true", "aws:ViaAWSService": "false"},
    }
    policy = allow("ssm-incidents:*", Condition=guard)
    assert as_user("ssm-incidents", policy).list_response_plans()
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}
    denied = allow("ssm-incidents:*", Condition=elsewhere)
    denied["Statement"][0]["Effect"] = "Deny"
    bob = as_user("ssm-incidents", allow("ssm-incidents:*"), denied, name="bob")
    assert bob.list_response_plans()
    carol = as_user("ssm-incidents", policy, name="carol")
    assert refused(carol.list_response_plans)[0] == DENIED


def test_a_role_may_ask_for_an_external_id(team, as_user):
    """Whoever takes the role has to give it."""
    trust = allow(
        "sts:AssumeRole",
        Principal={"AWS": ACCOUNT},
        Condition={"StringEquals": {"sts:ExternalId": "word"}},
    )
    del trust["Statement"][0]["Resource"]
    take = {"RoleArn": rights.role(team.iam, "deployer", trust), "RoleSessionName": "ana"}
    sts = as_user("sts", allow("sts:AssumeRole"))
    assert "trust policy" in refused(lambda: sts.assume_role(**take))[1]
    assert sts.assume_role(**take, ExternalId="word")["Credentials"]


def test_what_a_request_is_about_is_known(team, as_user):
    """A role has its path, a rule its bus, and an alias is of a key that only KMS knows."""
    trust = _policies.event_trust("aws", ACCOUNT)
    arn = f"arn:aws:iam::{ACCOUNT}:role/team/steps"
    iam = as_user("iam", allow(["iam:CreateRole", "iam:GetRole"], arn))
    iam.create_role(RoleName="steps", Path="/team/", AssumeRolePolicyDocument=trust)
    assert iam.get_role(RoleName="steps")["Role"]["Arn"] == arn
    refused(lambda: iam.create_role(RoleName="steps2", AssumeRolePolicyDocument=trust))
    rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/shop/deploys"
    events = as_user("events", allow("events:PutRule", rule), name="bob")
    team.events.create_event_bus(Name="shop")
    events.put_rule(Name="deploys", EventBusName="shop", EventPattern=PATTERN)
    refused(lambda: events.put_rule(Name="deploys", EventPattern=PATTERN))
    key = team.kms.create_key()["KeyMetadata"]
    team.kms.create_alias(AliasName="alias/shop", TargetKeyId=key["KeyId"])
    kms = as_user("kms", allow("kms:DescribeKey", key["Arn"]), name="carol")
    for named in (key["KeyId"], key["Arn"]):
        assert kms.describe_key(KeyId=named)["KeyMetadata"]["Arn"] == key["Arn"]
    refused(lambda: kms.describe_key(KeyId="alias/shop"))
