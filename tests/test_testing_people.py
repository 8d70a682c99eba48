"""What `LocalAws` gives a test of people: pages, who is engaged, acknowledgements, activations.

Real: the server process, its clock, boto3, and AWS's model of what the helpers ask for.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from pulumi_incidents.emulator.testing import LocalAwsError

NIGHT = datetime(2026, 12, 2, 3, tzinfo=timezone.utc)
TEN = timedelta(minutes=10)


def channel(name, kind="SMS", address="+12065550100", **more):
    """Return a channel of a seed."""
    given = {"Name": name, "Type": kind, "DeliveryAddress": {"SimpleAddress": address}}
    return {**given, "Activated": True, **more}


def person(alias, *channels, minutes=10):
    """Return a person whose channels are paged one after the other."""
    stages = [
        {
            "DurationInMinutes": minutes,
            "Targets": [{"ChannelTargetInfo": {"ContactChannelId": each["Name"]}}],
        }
        for each in channels
    ]
    return {
        "Alias": alias,
        "Type": "PERSONAL",
        "Channels": list(channels),
        "Plan": {"Stages": stages},
    }


def escalation(alias, *people):
    """Return an escalation plan that goes on to the next one after ten minutes."""
    stages = [
        {
            "DurationInMinutes": 10,
            "Targets": [{"ContactTargetInfo": {"ContactId": each, "IsEssential": True}}],
        }
        for each in people
    ]
    return {"Alias": alias, "Type": "ESCALATION", "Plan": {"Stages": stages}}


def plan(name, *engagements):
    """Return a response plan of a seed."""
    template = {"title": f"{name} fails", "impact": 2}
    return {"name": name, "incidentTemplate": template, "engagements": list(engagements)}


@pytest.fixture
def team(local_aws):
    """Seed Ana with two channels, Ben with one, and plans; return the ARNs."""
    made = local_aws.seed(
        {
            "Contacts": [
                person("ana", channel("text"), channel("call", "VOICE"), minutes=5),
                person("ben", channel("text", address="+12065550101")),
                escalation("team", "ana", "ben"),
            ],
            "ResponsePlans": [plan("checkout", "team"), plan("search", "ben")],
        }
    )
    local_aws.set_clock(NIGHT)
    return made


def start(local_aws, team, name):
    """Start an incident and return its ARN."""
    incidents = local_aws.client("ssm-incidents")
    arn = team["ResponsePlans"][name]
    return incidents.start_incident(responsePlanArn=arn)["incidentRecordArn"]


def test_pages_are_those_of_an_incident_and_of_a_person(local_aws, team):
    """Each filter alone, both, and none; a person is known by alias and by ARN."""
    checkout = start(local_aws, team, "checkout")
    search = start(local_aws, team, "search")
    local_aws.advance(TEN)

    def seen(*asked):
        found = local_aws.pages(*asked)
        return [(page["contactArn"].split("/")[1], page["type"]) for page in found]

    ben, ana = ("ben", "SMS"), [("ana", "SMS"), ("ana", "VOICE")]
    assert seen(checkout) == [*ana, ben]
    assert seen(search) == [ben]
    assert seen(None, "ana") == ana
    assert seen(None, team["Contacts"]["ben"]) == [ben, ben]
    assert seen(search, "ana") == []
    assert len(local_aws.pages()) == 4


def test_a_page_has_what_the_person_gets(local_aws, team):
    """Its words, its code and its times; nobody has read it yet."""
    incident = start(local_aws, team, "search")
    [page] = local_aws.pages()
    assert page["incidentArn"] == incident
    assert page["contactChannelArn"] == team["Channels"]["ben"]["text"]
    assert (page["type"], page["address"]) == ("SMS", "+12065550101")
    assert page["subject"] == "search fails"
    assert datetime.fromisoformat(page["sentTime"]) == NIGHT
    assert (page["deliveryTime"], page["readTime"]) == (None, None)
    local_aws.advance(60)
    accepted = local_aws.acknowledge(page)
    read = (NIGHT + timedelta(minutes=1)).isoformat(timespec="milliseconds")
    assert accepted == {**page, "deliveryTime": read, "readTime": read}
    assert local_aws.pages() == [accepted]


def test_who_is_engaged_is_told_in_order_with_times(local_aws, team):
    """One entry for a person, with every page, and when the person acknowledged first."""
    incident = start(local_aws, team, "checkout")
    local_aws.advance(TEN)
    ana, ben = local_aws.engaged(incident)
    assert (ana.alias, ana.contact) == ("ana", team["Contacts"]["ana"])
    assert ana.paged == [NIGHT, NIGHT + timedelta(minutes=5)]
    assert (ben.alias, ben.paged) == ("ben", [NIGHT + TEN])
    assert (ana.acknowledged, ben.acknowledged) == (None, None)
    local_aws.acknowledge("ana", incident)
    local_aws.advance(TEN)
    local_aws.acknowledge("ana", incident)
    ana, ben = local_aws.engaged(incident)
    assert (ana.acknowledged, ben.acknowledged) == (NIGHT + TEN, None)


def test_who_has_no_active_channel_is_not_engaged(local_aws):
    """Nothing reached the person."""
    deaf = person("cleo", channel("text", Activated=False))
    made = local_aws.seed({"Contacts": [deaf], "ResponsePlans": [plan("checkout", "cleo")]})
    incident = start(local_aws, made, "checkout")
    assert local_aws.engaged(incident) == []


@pytest.mark.parametrize("who", ["alias", "contact", "page", "page ARN"])
def test_a_page_is_acknowledged_by_whoever_it_is_of(local_aws, team, who):
    """Named in any way, it is the same page, and the person ends what the plan goes on with."""
    incident = start(local_aws, team, "checkout")
    [page] = local_aws.pages()
    names = {"alias": "ana", "contact": page["contactArn"]}
    names |= {"page": page, "page ARN": page["pageArn"]}
    assert local_aws.acknowledge(names[who])["pageArn"] == page["pageArn"]
    local_aws.advance(timedelta(hours=1))
    assert local_aws.pages(incident) == local_aws.pages(contact="ana")
    assert len(local_aws.pages()) == 1


def test_an_acknowledgement_is_of_the_newest_page_or_of_one_incident(local_aws, team):
    """Without an incident it is the page that came last; with one, the last about it."""
    first = start(local_aws, team, "search")
    local_aws.advance(60)
    second = start(local_aws, team, "search")
    local_aws.advance(60)
    third = start(local_aws, team, "search")
    assert local_aws.acknowledge("ben")["incidentArn"] == third
    assert local_aws.acknowledge("ben", first)["incidentArn"] == first
    assert local_aws.acknowledge("ben")["incidentArn"] == second


def test_an_acknowledgement_is_the_persons_own_request(local_aws, team):
    """AcceptPage is in the log as any other, and its note is on the receipt."""
    start(local_aws, team, "search")
    page = local_aws.acknowledge("ben", note="On my way")
    assert local_aws.operations("ssm-contacts") == ["AcceptPage"]
    contacts = local_aws.client("ssm-contacts")
    receipts = contacts.list_page_receipts(PageId=page["pageArn"])["Receipts"]
    told = [each["ReceiptInfo"] for each in receipts if each["ReceiptType"] == "READ"]
    assert told == ["On my way"]


def test_where_there_is_nothing_to_acknowledge_a_sentence_says_so(local_aws, team):
    """Before the page, after the acknowledgement, of nobody, and of another incident."""
    incident = start(local_aws, team, "checkout")
    other = start(local_aws, team, "search")
    local_aws.acknowledge("ben", other)
    for asked in (("ben",), ("ben", incident), ("nobody",), ("ana", other)):
        with pytest.raises(LocalAwsError, match=f"^{asked[0]} has no page .*not acknowledged: "):
            local_aws.acknowledge(*asked)


def test_what_the_api_refuses_is_a_sentence_too(local_aws, team):
    """An error of AWS in a helper is one of the helper."""
    start(local_aws, team, "search")
    with pytest.raises(LocalAwsError, match=r"ValidationException.*AcceptPage"):
        local_aws.acknowledge("ben", note="x" * 3000)
    with pytest.raises(LocalAwsError, match=r"ValidationException.*SendActivationCode"):
        local_aws.activate("text")


def test_a_channel_is_activated_with_the_code_that_it_was_sent(local_aws):
    """What was sent by the API is told, used, and then gone; the channel is paged from then on."""
    made = local_aws.seed(
        {
            "Contacts": [person("ana", channel("text", Activated=False))],
            "ResponsePlans": [plan("checkout", "ana")],
        }
    )
    arn = made["Channels"]["ana"]["text"]
    [sent] = local_aws.activations()
    assert [sent] == local_aws.activations(arn)
    assert local_aws.activations(arn + "x") == []
    assert (sent["contactChannelArn"], sent["address"]) == (arn, "+12065550100")
    local_aws.activate(arn)
    assert local_aws.operations("ssm-contacts") == ["ActivateContactChannel"]
    assert local_aws.activations() == []
    assert [each.alias for each in local_aws.engaged(start(local_aws, made, "checkout"))] == ["ana"]


def test_a_channel_without_a_code_is_sent_one(local_aws):
    """It was deferred, or has been used already: another code does."""
    deferred = channel("text", Activated=False, DeferActivation=True)
    made = local_aws.seed({"Contacts": [person("ana", deferred)]})
    arn = made["Channels"]["ana"]["text"]
    assert local_aws.activations() == []
    contacts = local_aws.client("ssm-contacts")
    for _ in range(2):
        local_aws.activate(arn)
        found = contacts.get_contact_channel(ContactChannelId=arn)
        assert found["ActivationStatus"] == "ACTIVATED"


def test_people_of_another_region_and_account_are_reached_where_they_are(local_aws):
    """Helpers ask as the ARN says, whatever the client's own region and account are."""
    there = {"aws_access_key_id": "210987654321", "region_name": "eu-west-1"}
    incidents = local_aws.client("ssm-incidents", **there)
    incidents.create_replication_set(regions={"eu-west-1": {}})
    contacts = local_aws.client("ssm-contacts", **there)
    ana = contacts.create_contact(Alias="ana", Type="PERSONAL", Plan={})["ContactArn"]
    text = contacts.create_contact_channel(
        ContactId=ana, Name="text", Type="SMS", DeliveryAddress={"SimpleAddress": "+12065550100"}
    )["ContactChannelArn"]
    assert text.startswith("arn:aws:ssm-contacts:eu-west-1:210987654321:")
    local_aws.activate(text)
    target = {"ChannelTargetInfo": {"ContactChannelId": text}}
    stages = [{"DurationInMinutes": 1, "Targets": [target]}]
    contacts.update_contact(ContactId=ana, Plan={"Stages": stages})
    contacts.start_engagement(ContactId=ana, Sender="me", Subject="Down", Content="It is down")
    assert local_aws.acknowledge("ana")["readTime"]
