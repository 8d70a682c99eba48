"""What is known of the members of requests besides their model: what they name, and what is usual.

So that many of the random requests of `wire` have an effect. By the name of the service and of the
member; kinds are those of things that a test has made.
"""

from __future__ import annotations

from hypothesis import strategies as st

_POLICY = '{"Version": "2012-10-17", "Statement": []}'
_ANY_CONTACT = ("person", "schedule", "escalation")
_KINDS = {
    "ssm-incidents": {
        "eventId": ("event",),
        "findingIds": ("finding",),
        "incidentRecordArn": ("record",),
        "policyId": ("policy",),
        "responsePlanArn": ("plan",),
    },
    "ssm-contacts": {
        "AcceptCode": ("accept code",),
        "ActivationCode": ("activation code",),
        "ContactArn": _ANY_CONTACT,
        "ContactChannelId": ("channel",),
        "ContactId": _ANY_CONTACT,
        "ContactIds": ("person",),
        "EngagementId": ("engagement",),
        "IncidentId": ("record",),
        "NewContactIds": ("person",),
        "PageId": ("page",),
        "ResourceARN": (*_ANY_CONTACT, "rotation"),
        "RotationId": ("rotation",),
        "RotationIds": ("rotation",),
        "RotationOverrideId": ("override",),
    },
}
# What `arn` and `resourceArn` of Incident Manager name, by a part of the name of the operation.
_BY_OPERATION = {
    "ReplicationSet": ("set",),
    "DeletionProtection": ("set",),
    "ResponsePlan": ("plan",),
    "IncidentRecord": ("record",),
    "ResourcePolic": ("plan",),
}


def _time(hours, minutes):
    return st.fixed_dictionaries(
        {"HourOfDay": st.integers(*hours), "MinuteOfHour": st.integers(*minutes)}
    )


_DAY = st.sampled_from(["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"])
_TIME = _time((0, 23), (0, 59))
_MORNING, _EVENING = _time((0, 11), (0, 59)), _time((12, 23), (30, 59))
_WINDOW = st.fixed_dictionaries({"Start": _MORNING, "End": _EVENING})
_WINDOWS = st.lists(_WINDOW, min_size=1, max_size=2)
_SETTINGS = {
    "DailySettings": _TIME,
    "WeeklySettings": st.fixed_dictionaries({"DayOfWeek": _DAY, "HandOffTime": _TIME}),
    "MonthlySettings": st.fixed_dictionaries(
        {"DayOfMonth": st.integers(1, 31), "HandOffTime": _TIME}
    ),
}
_RECURRENCES = st.one_of(
    st.fixed_dictionaries(
        {
            "NumberOfOnCalls": st.just(1),
            "RecurrenceMultiplier": st.integers(1, 100),
            name: st.lists(each, min_size=1, max_size=3),
        },
        optional={"ShiftCoverages": st.dictionaries(_DAY, _WINDOWS, min_size=1)},
    )
    for name, each in _SETTINGS.items()
)
_ADDRESSES = st.sampled_from(["+12065550100", "+491715550100", "ana@example.com"])
# Where the documents narrow what the model allows.
NARROWED = {
    "ssm-incidents": {
        "eventType": st.sampled_from(["Custom Event", "Note"]),
        "nextToken": st.just(""),
        "policy": st.just(_POLICY),
        "regionName": st.sampled_from(["us-east-1", "eu-west-1", "eu-north-1", "ap-south-1"]),
    },
    "ssm-contacts": {
        "DeliveryAddress": st.sampled_from(
            ["+12065550100", "+491715550100", "ana@example.com"]
        ).map(lambda address: {"SimpleAddress": address}),
        "NextToken": st.just(""),
        "Policy": st.just(_POLICY),
        "Recurrence": _RECURRENCES,
        "TimeZoneId": st.sampled_from(["UTC", "Europe/Dublin", "Asia/Kolkata", "America/New_York"]),
    },
}
FILTERS = {
    "List": ("creationTime", "impact", "status", "createdBy"),
    "Events": ("eventTime", "eventType", "eventReference"),
}


def kinds(service, operation, member):
    """Return the kinds of things that a member of a request can name; none if it names nothing."""
    if member not in ("arn", "resourceArn"):
        return _KINDS[service].get(member, ())
    found = next((each for part, each in _BY_OPERATION.items() if part in operation), None)
    if found is None and member == "resourceArn":
        return ("plan", "record", "set")
    return found or ()
