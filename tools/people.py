"""People in a local AWS: who of them is on call now, and what they do on AWS besides a program.

There a person activates each channel with a code that AWS sends. The local AWS tells the codes that
it sent, so here that is done for them. Somebody protects the account's replication set, and puts
the topic of the chat channel among those that a chat client follows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pulumi_incidents.emulator.testing import LocalAws


CHAT_CLIENT = "https://global.sns-api.chatbot.amazonaws.com"
"""The endpoint with which Amazon Q Developer in chat applications follows a topic."""


def protect(aws: LocalAws) -> None:
    """Protect the replication set from deletion."""
    incidents = aws.client("ssm-incidents")
    for arn in incidents.list_replication_sets()["replicationSetArns"]:
        if not incidents.get_replication_set(arn=arn)["replicationSet"]["deletionProtected"]:
            incidents.update_deletion_protection(arn=arn, deletionProtected=True)


def follow(aws: LocalAws, plan: str) -> None:
    """Let a chat client follow the chat channel of a plan."""
    found = aws.client("ssm-incidents").get_response_plan(arn=plan)
    for topic in found.get("chatChannel", {}).get("chatbotSns", ()):
        # A second time it answers the subscription that is there.
        aws.client("sns").subscribe(TopicArn=topic, Protocol="https", Endpoint=CHAT_CLIENT)


def tell(aws: LocalAws, engaged: str) -> None:
    """Let people be paged, and print who is on call now of whom a plan engages."""
    if number := activate(aws):
        print(f"Channels       {number} activated, with the codes that the local AWS sent")
    for told in on_call(aws, engaged):
        print(f"On call now    {told}")


def activate(aws: LocalAws) -> int:
    """Activate every channel that was sent a code, and return how many there were."""
    sent = aws.activations()
    for each in sent:
        aws.activate(each["contactChannelArn"])
    return len(sent)


def on_call(aws: LocalAws, engaged: str) -> Iterator[str]:
    """Yield who is on call now, by the clock of the local AWS, and until when.

    `engaged` is the ARN of what a response plan engages: an escalation plan, whose schedules are
    looked at, a schedule, or a person, who always is.
    """
    contacts, moment = aws.client("ssm-contacts"), aws.clock()
    contact = contacts.get_contact(ContactId=engaged)
    if contact["Type"] == "PERSONAL":
        yield _name(contact)
    for schedule in _schedules(contacts, contact):
        rotations = schedule["Plan"]["RotationIds"]
        shifts = [shift for arn in rotations for shift in _shifts(contacts, arn, moment)]
        yield from shifts or ["nobody"]


def _schedules(contacts: Any, contact: Any) -> Iterator[Any]:
    if contact["Type"] == "ONCALL_SCHEDULE":
        yield contact
    if contact["Type"] == "ESCALATION":
        targets = [target for stage in contact["Plan"]["Stages"] for target in stage["Targets"]]
        for arn in dict.fromkeys(each["ContactTargetInfo"]["ContactId"] for each in targets):
            engaged = contacts.get_contact(ContactId=arn)
            if engaged["Type"] == "ONCALL_SCHEDULE":
                yield engaged


def _shifts(contacts: Any, rotation: str, moment: datetime) -> Iterator[str]:
    zone = contacts.get_rotation(RotationId=rotation)["TimeZoneId"]
    # Those that overlap a range of time are listed, and it ends after it begins.
    found = contacts.list_rotation_shifts(
        RotationId=rotation, StartTime=moment, EndTime=moment + timedelta(minutes=1)
    )
    for shift in found["RotationShifts"]:
        if shift["StartTime"] <= moment < shift["EndTime"] and shift["ContactIds"]:
            people = [contacts.get_contact(ContactId=arn) for arn in shift["ContactIds"]]
            until = shift["EndTime"].astimezone(ZoneInfo(zone))
            names = " and ".join(map(_name, people))
            yield f"{names}, until {until:%a %Y-%m-%d %H:%M} in {zone}"


def _name(contact: Any) -> str:
    return str(contact.get("DisplayName") or contact["Alias"])
