"""A local AWS in which a request can name one of each thing, and how it is sent."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

from botocore.awsrequest import HeadersDict

from tests.wire import LIVE

SCOPE = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{}/aws4_request"
# Beyond any answer, and far below what a person would wait.
TIMEOUT = 20
TEMPLATE = {"title": "t", "impact": 1, "dedupeString": "d"}
POLICY = '{"Version": "2012-10-17", "Statement": []}'
WEEKLY = {
    "NumberOfOnCalls": 1,
    "RecurrenceMultiplier": 1,
    "WeeklySettings": [{"DayOfWeek": "MON", "HandOffTime": {"HourOfDay": 9, "MinuteOfHour": 0}}],
}


class World:
    """A local AWS that is made anew for each request after one that changed something."""

    def __init__(self, local_aws):
        """Make the things."""
        self.aws = local_aws
        self.incidents = local_aws.client("ssm-incidents")
        self.contacts = local_aws.client("ssm-contacts")
        self.address = urlsplit(local_aws.url)
        self.made = None

    def rebuild(self, service="ssm-incidents"):
        """Go back to the start if anything changed, and let requests to a service name things."""
        if self.made == service:
            return
        self.made = service
        self.aws.reset()
        self.aws.permissions("off")  # the topics of random plans are not there
        plan = self.incidents.create_response_plan(name="live", incidentTemplate=TEMPLATE)["arn"]
        started = self.incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
        LIVE.update(plan=plan, record=started)
        if service == "ssm-contacts":
            self._make_contacts()
        else:
            self._make_incidents()

    def _make_incidents(self):
        aws = self.incidents
        [LIVE["set"]] = aws.list_replication_sets()["replicationSetArns"]
        added = aws.put_resource_policy(resourceArn=LIVE["plan"], policy=POLICY)
        LIVE["policy"] = added["policyId"]
        LIVE["event"] = aws.create_timeline_event(
            incidentRecordArn=LIVE["record"], eventData="", eventTime=0, eventType="Note"
        )["eventId"]
        details = {"cloudFormationStackUpdate": {"stackArn": LIVE["plan"], "startTime": 0}}
        content = {"incidentRecordArn": LIVE["record"], "details": details, "id": "finding"}
        LIVE["finding"] = self.aws._control("POST", "findings", content)["id"]

    def _make_contacts(self):
        aws = self.contacts
        person = self._contact("ana", "PERSONAL")
        channel = aws.create_contact_channel(
            ContactId=person,
            Name="phone",
            Type="SMS",
            DeliveryAddress={"SimpleAddress": "+12065550199"},
        )["ContactChannelArn"]
        self.aws.activate(channel)
        target = {"ChannelTargetInfo": {"ContactChannelId": channel}}
        stages = [{"DurationInMinutes": 5, "Targets": [target]}]
        aws.update_contact(ContactId=person, Plan={"Stages": stages})
        aws.put_contact_policy(ContactArn=person, Policy=POLICY)
        rotation = aws.create_rotation(
            Name="days", ContactIds=[person], TimeZoneId="UTC", StartTime=0, Recurrence=WEEKLY
        )["RotationArn"]
        override = aws.create_rotation_override(
            RotationId=rotation, NewContactIds=[person], StartTime=0, EndTime=86_400
        )["RotationOverrideId"]
        engagement = aws.start_engagement(
            ContactId=person, Sender="s", Subject="s", Content="c", IncidentId=LIVE["record"]
        )["EngagementArn"]
        aws.send_activation_code(ContactChannelId=channel)
        [activation] = self.aws.activations()
        [page] = self.aws.pages()
        LIVE.update(
            {
                "accept code": page["acceptCode"],
                "activation code": activation["activationCode"],
                "channel": channel,
                "engagement": engagement,
                "escalation": self._contact("all", "ESCALATION"),
                "override": override,
                "page": page["pageArn"],
                "person": person,
                "rotation": rotation,
                "schedule": self._contact("oncall", "ONCALL_SCHEDULE", RotationIds=[rotation]),
            }
        )

    def _contact(self, alias, kind, **plan):
        return self.contacts.create_contact(Alias=alias, Type=kind, Plan=plan)["ContactArn"]

    def send(self, method, target, body=b"", headers=None, service="ssm-incidents"):
        """Return status, headers and body of the answer to a request."""
        connection = http.client.HTTPConnection(
            self.address.hostname, self.address.port, timeout=TIMEOUT
        )
        signed = {"Authorization": SCOPE.format(service), "Connection": "close", **(headers or {})}
        try:
            connection.request(method, target, body, signed)
            response = connection.getresponse()
            return response.status, HeadersDict(response.headers), response.read()
        finally:
            connection.close()

    def ask(self, message):
        """Send a request made by `wire`."""
        service = message.operation.service_model.service_name
        return self.send(
            message.method, message.target, message.content(), message.headers, service
        )

    def close(self):
        """Close its clients."""
        self.incidents.close()
        self.contacts.close()
