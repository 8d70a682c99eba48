"""What policies say of a request. Real: the evaluation that the local AWS and the doctor use.

The cases are those of the IAM user guide: *IAM JSON policy elements*, *Condition operators*,
*Multivalued context keys* and *Policy evaluation logic*.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_incidents.iam.conditions import CannotEvaluate, met
from pulumi_incidents.iam.identities import Identity, refusal
from pulumi_incidents.iam.policies import (
    Effect,
    Principal,
    Request,
    verdict,
)
from tests.strategies import examples

ACCOUNT = "123456789012"
USER = Principal(f"arn:aws:iam::{ACCOUNT}:user/ana", ACCOUNT)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/responders"
SESSION = Principal(f"arn:aws:sts::{ACCOUNT}:assumed-role/responders/x", ACCOUNT, (ROLE,))
PLAN = f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/checkout"
GET = "ssm-incidents:GetResponsePlan"


def statement(effect="Allow", action=GET, resource=PLAN, **more):
    """Return one statement."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def said(*statements, principal=USER, action=GET, resource=PLAN, context=None):
    """Return what statements say of a request, without what was unclear."""
    request = Request(principal, action, resource, context or {})
    return verdict([policy(*statements)], request).effect


def policy(*statements):
    """Return a policy of the version that has variables."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize(
    ("pattern", "resource", "fits"),
    [
        ("*", PLAN, True),
        (PLAN, PLAN, True),
        (f"{PLAN}-other", PLAN, False),
        (f"arn:aws:ssm-incidents:*:{ACCOUNT}:response-plan/check*", PLAN, True),
        (f"arn:aws:ssm-incidents:*:{ACCOUNT}:response-plan/checkou?", PLAN, True),
        (f"arn:aws:ssm-incidents:*:{ACCOUNT}:response-plan/checkou??", PLAN, False),
        # A wildcard stays in its part, but for one at the end of it.
        ("arn:aws:ssm-incidents:*", PLAN, True),
        ("arn:aws:ssm-incidents:*:response-plan/checkout", PLAN, True),
        ("arn:aws:ssm-incidents:*:response-plan/other", PLAN, False),
        (f"arn:aws:ssm-inc*s:{ACCOUNT}:response-plan/checkout", PLAN, False),
        (f"arn:aws:ssm-incidents?{ACCOUNT}:response-plan/checkout", PLAN, False),
        (f"arn:aws:ssm-inc*s::{ACCOUNT}:response-plan/*", PLAN, True),
        ("arn:aws:ssm:*", PLAN, False),
        (f"arn:aws:ssm:*:{ACCOUNT}:document/A*", f"arn:aws:ssm:x:{ACCOUNT}:document/A:1/b", True),
        (
            "arn:aws:ssm:*::document/AWS-Restart",
            "arn:aws:ssm:us-east-1::document/AWS-Restart",
            True,
        ),
        (f"arn:aws:ssm:*:{ACCOUNT}:document/[A]", f"arn:aws:ssm:x:{ACCOUNT}:document/A", False),
        # Unlike names of actions, ARNs have capital letters.
        (PLAN.upper(), PLAN, False),
    ],
)
def test_the_parts_of_an_arn_are_matched_one_by_one(pattern, resource, fits):
    """A resource is that of a statement if each of the six parts of its ARN fits."""
    expected = Effect.ALLOW if fits else Effect.NOTHING
    assert said(statement(resource=["arn:aws:s3:::x", pattern]), resource=resource) is expected


@pytest.mark.parametrize(
    ("actions", "fits"),
    [
        (GET, True),
        ("SSM-Incidents:getresponseplan", True),
        ("ssm-incidents:Get*", True),
        ("ssm-incidents:*", True),
        ("*", True),
        (["s3:GetObject", "ssm-incidents:GetResponsePla?"], True),
        ("ssm-incidents:Get", False),
        ("ssm:*", False),
    ],
)
def test_actions_are_matched_whatever_their_letters(actions, fits):
    """An action is that of a statement if its name fits, in any case of its letters."""
    assert said(statement(action=actions)) is (Effect.ALLOW if fits else Effect.NOTHING)


def test_what_is_excluded_is_not_meant():
    """NotAction and NotResource mean everything else."""
    other = {"Effect": "Allow", "NotAction": "ssm-incidents:Delete*", "Resource": "*"}
    assert said(other) is Effect.ALLOW
    assert said(other, action="ssm-incidents:DeleteResponsePlan") is Effect.NOTHING
    elsewhere = {"Effect": "Deny", "Action": "*", "NotResource": PLAN}
    assert said(statement(resource="*"), elsewhere) is Effect.ALLOW
    assert said(statement(resource="*"), elsewhere, resource=f"{PLAN}2") is Effect.DENY


def test_a_deny_wins_in_any_order():
    """Whatever else allows it, what is denied is denied."""
    deny = statement("Deny", resource="*")
    assert said(statement(), deny) is said(deny, statement()) is Effect.DENY
    assert said() is Effect.NOTHING


CONDITIONS = [
    # operator, values of the policy, values of the request, met
    ("StringEquals", ["a", "b"], ["b"], True),
    ("StringEquals", "a", ["A"], False),
    ("StringEquals", "a*", ["ab"], False),
    ("StringEquals", "a", [], False),
    ("StringEqualsIfExists", "a", [], True),
    ("StringEqualsIfExists", "a", ["b"], False),
    ("StringNotEquals", ["a", "b"], ["c"], True),
    ("StringNotEquals", ["a", "b"], ["b"], False),
    ("StringNotEquals", "a", [], True),
    ("StringEqualsIgnoreCase", "aB", ["Ab"], True),
    ("StringNotEqualsIgnoreCase", "aB", ["Ab"], False),
    ("StringLike", "a?c*", ["abcd"], True),
    ("StringLike", "a[b]", ["ab"], False),
    ("StringLike", "a[*]", ["a[b]"], True),
    ("StringLike", "a${*}", ["ab"], False),
    ("StringLike", "a${?}", ["a?"], True),
    ("ArnEquals", "arn:aws:sns:a:b:${*}", ["arn:aws:sns:a:b:x"], False),
    ("ArnEquals", "arn:aws:sns:a:b:${*}", ["arn:aws:sns:a:b:*"], True),
    ("StringNotLike", "a*", ["abc"], False),
    (
        "ArnLike",
        f"arn:aws:events:*:{ACCOUNT}:rule/*",
        [f"arn:aws:events:x:{ACCOUNT}:rule/a/b"],
        True,
    ),
    ("ArnLike", f"arn:aws:events:*:{ACCOUNT}:rule/*", [f"arn:aws:events:x:{ACCOUNT}:bus/a"], False),
    ("ArnEquals", "arn:aws:sns:*:*:x", ["arn:aws:sns:a:b:x"], True),
    ("ArnNotLike", "arn:aws:sns:*:*:x", ["arn:aws:sns:a:b:y"], True),
    ("ArnLike", "arn:aws:sns:*:*:x", ["no arn"], False),
    ("NumericLessThan", "10", ["9"], True),
    ("NumericLessThan", "10", ["10"], False),
    ("NumericGreaterThanEquals", 10, ["10.0"], True),
    ("NumericEquals", "10", ["ten"], False),
    ("DateLessThan", "2026-01-01T00:00:00Z", ["2025-12-31T23:59:59Z"], True),
    ("DateGreaterThan", "2026-01-01T00:00:00Z", ["1767225601"], True),
    ("DateGreaterThan", "2026-01-01", ["2026-01-01T00:00:01Z"], True),
    ("DateLessThan", "2026-01-01", ["2026-01-01T00:00:01Z"], False),
    ("DateEquals", "2026-01-01", ["2026-01-01T00:00:00Z"], True),
    ("Bool", "true", ["true"], True),
    ("Bool", True, ["true"], True),
    ("Bool", "false", ["true"], False),
    ("Bool", "false", [], False),
    ("BoolIfExists", "false", [], True),
    ("BinaryEquals", "QUI=", ["QUI="], True),
    ("IpAddress", "203.0.113.0/24", ["203.0.113.9"], True),
    ("NotIpAddress", ["203.0.113.0/24"], ["203.0.114.9"], True),
    ("IpAddress", "203.0.113.0/24", ["no address"], False),
    ("Null", "true", [], True),
    ("Null", "true", ["x"], False),
    ("Null", "false", ["x"], True),
    ("Null", ["true", "false"], ["x"], True),
    ("ForAnyValue:StringEquals", ["a", "b"], ["x", "b"], True),
    ("ForAnyValue:StringEquals", ["a", "b"], ["x"], False),
    ("ForAnyValue:StringEquals", ["a"], [], False),
    ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
    ("ForAllValues:StringEquals", ["a"], [], True),
    ("ForAllValues:StringLike", ["a*"], ["ab", "ac"], True),
]


@pytest.mark.parametrize(("operator", "expected", "actual", "is_met"), CONDITIONS)
def test_each_operator_compares_as_documented(operator, expected, actual, is_met):
    """Values of a policy are alternatives, and a missing key meets only what is negated."""
    context = {"aws:calledvia": actual} if actual else {}
    assert met({operator: {"aws:CalledVia": expected}}, context) is is_met


def test_all_conditions_of_a_statement_have_to_be_met():
    """Operators and keys are all required, values are alternatives, keys have no case."""
    conditions = {
        "StringEquals": {"AWS:SourceAccount": [ACCOUNT, "2"], "aws:username": "ana"},
        "ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"},
    }
    known = {"aws:sourceaccount": ["2"], "aws:username": ["ana"]}
    arn = {"aws:sourcearn": ["arn:aws:sns:us-east-1:2:x"]}
    assert met(conditions, {**known, **arn})
    assert not met(conditions, known)
    assert not met(conditions, {**known, **arn, "aws:username": ["bob"]})


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "the condition key aws:principalorgid"),
        ({"StringSounds": {"aws:username": "ana"}}, "the condition operator StringSounds"),
        (
            {"ForAnyValue:StringEqualsIfExists": {"aws:CalledVia": "x"}},
            "ForAnyValue:StringEqualsIfExists without aws:calledvia",
        ),
        (
            {"StringNotEquals": {"aws:username": "${aws:sourcearn}"}},
            "StringNotEquals with a policy variable that has no value",
        ),
        ({"StringEquals": {"aws:username": "${saml:sub}"}}, "the policy variable ${saml:sub}"),
        ({"Bool": {"aws:SecureTransport": "${aws:username}"}}, "Bool with a policy variable"),
        ({"NumericNotEquals": {"aws:username": "ten"}}, "the value ten"),
        ({"DateLessThan": {"aws:username": "soon"}}, "the value soon"),
        ({"NotIpAddress": {"aws:username": "here"}}, "the value here"),
        ({"NullIfExists": {"aws:username": "true"}}, "the condition operator NullIfExists"),
        ({"Null": {"aws:username": "maybe"}}, "the condition operator Null"),
        (
            {"StringEquals": {"aws:CalledVia": "x"}},
            "StringEquals with several values of aws:calledvia",
        ),
        ({"StringEquals": "ana"}, "the condition StringEquals"),
        # A session may or may not have it; and every session has a name.
        ({"Bool": {"aws:MultiFactorAuthAge": "1"}}, "the condition key aws:multifactorauthage"),
        ({"StringLike": {"sts:RoleSessionName": "x"}}, "the condition key sts:rolesessionname"),
    ],
)
def test_what_cannot_be_evaluated_says_so(conditions, told):
    """Nobody takes for allowed what the local AWS knows nothing of; it denies, and says why."""
    several = {"aws:calledvia": ["x", "y"]} if "several" in told else {}
    context = {"aws:username": ["ana"], "aws:securetransport": ["true"], **several}
    with pytest.raises(CannotEvaluate) as raised:
        met(conditions, context)
    assert str(raised.value) == told
    request = Request(USER, GET, PLAN, context)
    allow, deny = (statement(effect, Condition=conditions) for effect in ("Allow", "Deny"))
    assert verdict([policy(allow)], request) == (Effect.NOTHING, (told,))
    assert verdict([policy(statement(), deny)], request) == (Effect.DENY, (told,))
    # What is certain wins: another condition that is not met makes it mean nothing.
    never = {**conditions, "StringLike": {"aws:username": "bob"}}
    assert said(statement(), statement("Deny", Condition=never), context=context) is Effect.ALLOW


def test_a_resource_that_only_aws_knows_takes_a_statement_about_everything():
    """A narrower allow is not enough, and a narrower deny may be meant."""
    assert said(statement(resource="*"), resource="*") is Effect.ALLOW
    assert said(statement(), resource="*") is Effect.NOTHING
    assert said(statement(resource="*"), statement("Deny"), resource="*") is Effect.DENY


def test_variables_are_filled_in():
    """A variable is its value, or its default where it has none; `${*}` is a star."""
    named = "arn:aws:ssm-incidents::1:response-plan/${aws:username}"
    ana = "arn:aws:ssm-incidents::1:response-plan/ana"
    context = {"aws:username": ["ana"]}
    assert said(statement(resource=named), resource=ana, context=context) is Effect.ALLOW
    assert said(statement(resource=named), resource=ana) is Effect.NOTHING
    default = "arn:aws:ssm-incidents::1:response-plan/${aws:username, 'ana'}"
    assert said(statement(resource=default), resource=ana) is Effect.ALLOW
    star = "arn:aws:ssm-incidents::1:response-plan/${*}"
    assert said(statement(resource=star), resource=ana) is Effect.NOTHING
    assert said(statement(resource=star), resource=star.replace("${*}", "*")) is Effect.ALLOW


@pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}])
def test_an_older_policy_has_no_variables(version):
    """`${` is a text in it: neither is a name filled in, nor is that of anything unknown."""
    named = "arn:aws:ssm-incidents::1:response-plan/${aws:username}"
    ana = "arn:aws:ssm-incidents::1:response-plan/ana"
    context = {"aws:username": ["ana"]}

    def effect(given, resource):
        request = Request(USER, GET, resource, context)
        return verdict([{**version, "Statement": [given]}], request)

    assert effect(statement(resource=named), ana) == (Effect.NOTHING, ())
    assert effect(statement(resource=named), named).effect is Effect.ALLOW
    never = {"StringEquals": {"aws:username": "${aws:username}"}}
    assert effect(statement(Condition=never), PLAN) == (Effect.NOTHING, ())
    assert effect(statement("Deny", Condition=never), PLAN) == (Effect.NOTHING, ())


def test_a_variable_stands_for_no_part_before_the_resource():
    """The guide has it so; nobody takes for allowed what AWS may read otherwise."""
    mine = "arn:aws:ssm-incidents::${aws:PrincipalAccount}:response-plan/checkout"
    request = Request(USER, GET, PLAN, {"aws:principalaccount": [ACCOUNT]})
    told = (f"the variable in {mine}",)
    assert verdict([policy(statement(resource=mine))], request) == (Effect.NOTHING, told)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("no JSON", "a statement without Action"),
        ("[]", "a statement without Action"),
        (policy("no statement"), "a statement without Action"),
        (policy({"Effect": "Deny", "Action": GET, "Principal": "ana"}), "the principal ana"),
        (policy({"Effect": "allow", "Action": GET, "Resource": "*"}), "the effect allow"),
        (policy({"Effect": "Deny", "NotPrincipal": {}, "NotAction": "s3:*"}), "NotPrincipal"),
    ],
)
def test_what_is_no_policy_allows_nothing(given, told):
    """Whatever else allows it: AWS would not have taken it, so that nobody knows what it does."""
    request = Request(USER, GET, PLAN)
    assert verdict([policy(statement()), given], request) == (Effect.DENY, (told,))


def test_whom_a_statement_does_not_name_matters_only_where_it_is_about_the_rest():
    """A deny for all but some is unclear, unless it is about something else."""
    but = {"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}, "Action": "*"}
    assert said(statement(), {**but, "Resource": f"{PLAN}2"}) is Effect.ALLOW
    assert said(statement(), {**but, "Resource": PLAN}) is Effect.DENY


@pytest.mark.parametrize(
    ("named", "principal", "expected"),
    [
        ("*", USER, Effect.ALLOW),
        ({"AWS": "*"}, USER, Effect.ALLOW),
        ({"AWS": USER.arn}, USER, Effect.ALLOW),
        ({"AWS": [ROLE]}, SESSION, Effect.ALLOW),
        ({"AWS": SESSION.arn}, SESSION, Effect.ALLOW),
        ({"AWS": ACCOUNT}, USER, Effect.DELEGATE),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, SESSION, Effect.DELEGATE),
        ({"AWS": "arn:aws:iam::210987654321:root"}, USER, Effect.NOTHING),
        ({"Service": "sns.amazonaws.com"}, USER, Effect.NOTHING),
        ({"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}, "events", Effect.ALLOW),
        ({"Service": "sns.amazonaws.com"}, "events", Effect.NOTHING),
        ({"AWS": ROLE}, "events", Effect.NOTHING),
    ],
)
def test_a_resource_lets_in_whom_its_policy_names(named, principal, expected):
    """A role lets in its sessions, an account leaves it to its own policies, services are named."""
    events = Principal("events.amazonaws.com", "", is_service=True)
    who = events if principal == "events" else principal
    trust = {"Effect": "Allow", "Principal": named, "Action": "sts:AssumeRole"}
    assert said(trust, principal=who, action="sts:AssumeRole", resource=ROLE) is expected


def test_limits_take_away_and_give_nothing():
    """A boundary and a session policy limit what the identity's own policies allow."""
    allow = json.dumps({"Statement": [statement(resource="*")]})
    nothing = json.dumps({"Statement": [statement(action="s3:*")]})
    request = Request(USER, GET, PLAN)
    told = f"because no {{}} allows the {GET} action"
    own = told.format("identity-based policy")
    assert refusal(Identity(USER, (allow,)), request) is None
    assert str(refusal(Identity(USER, ()), request)) == own
    bounded = Identity(USER, (allow,), (nothing,))
    assert str(refusal(bounded, request)) == told.format("permissions boundary")
    limited = Identity(USER, (allow,), (allow,), (nothing,))
    assert str(refusal(limited, request)) == told.format("session policy")
    assert str(refusal(Identity(USER, (), (allow,)), request)) == own
    deny = json.dumps({"Statement": [statement("Deny")]})
    denied = refusal(Identity(USER, (allow, deny)), request)
    assert str(denied) == "with an explicit deny in an identity-based policy"
    theirs = [{"Statement": [{**statement(), "Principal": {"AWS": USER.arn}}]}]
    assert refusal(Identity(USER, ()), request, theirs) is None


def test_what_is_certain_is_told_before_what_is_not():
    """Only what decides may be unclear: a certain deny, allow or limit needs nothing else."""
    unknown = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}
    request = Request(USER, GET, PLAN)
    maybe = statement(**unknown)
    for sure in (statement(), statement("Deny")):
        assert verdict([{"Statement": [maybe, sure]}], request).unclear == ()
    maybe_denied = statement("Deny", **unknown)
    assert verdict([{"Statement": [maybe, maybe_denied, statement("Deny")]}], request).unclear == ()
    own, nothing = json.dumps({"Statement": [maybe]}), json.dumps({"Statement": []})
    unclear = refusal(Identity(USER, (own,)), request)
    assert unclear.unclear == ("the condition key aws:principalorgid",)
    assert str(unclear).endswith("action (not evaluated: the condition key aws:principalorgid)")
    certain = refusal(Identity(USER, (own,), (nothing,)), request)
    assert (certain.kind, certain.unclear) == ("permissions boundary", ())


_KEYS = {"aws:username": ["ana"], "aws:calledvia": ["a", "b"], "aws:sourcevpc": []}
_NOBODY_KNOWS = "aws:principaltag/team"
_VALUES = st.lists(st.sampled_from(["a", "b", "an?", "*", "${aws:username}", "c"]), min_size=1)


@st.composite
def _conditions(draw):
    """Make up one condition: an operator, a key, values."""
    key = draw(st.sampled_from([*_KEYS, _NOBODY_KNOWS]))
    if draw(st.booleans()):
        return {"Null": {key: draw(st.sampled_from(["true", "false"]))}}
    several = key == "aws:calledvia" or draw(st.booleans())
    quantifier = draw(st.sampled_from(["ForAllValues:", "ForAnyValue:"])) if several else ""
    name = draw(st.sampled_from(["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"]))
    exists = draw(st.sampled_from(["", "IfExists"])) if quantifier != "ForAnyValue:" else ""
    return {f"{quantifier}{name}{exists}": {key: draw(_VALUES)}}


_STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Condition": _conditions(),
    }
).flatmap(
    lambda made: st.sampled_from(
        [
            {**made, which: actions, what: PLAN}
            for which in ("Action", "NotAction")
            for what in ("Resource", "NotResource")
            for actions in ("SSM-Incidents:get*", ["s3:*", "*:GetResponsePla?"], "s3:*")
        ]
    )
)


def _plainly(statements, context, resource):
    """Say what statements do, by the words of the guide alone, where every key is known."""
    effects = {
        each["Effect"]
        for each in statements
        if _among(each, "Action", GET.lower(), str.lower)
        and _among(each, "Resource", resource, str)
        and all(
            _holds(operator, context[key], values, context)
            for operator, keys in each["Condition"].items()
            for key, values in keys.items()
        )
    }
    return "Deny" if "Deny" in effects else "Allow" if "Allow" in effects else None


def _among(each, element, actual, read):
    given = each.get(element, each.get(f"Not{element}"))
    patterns = given if isinstance(given, list) else [given]
    return any(fnmatchcase(actual, read(one)) for one in patterns) == (element in each)


def _holds(operator, actual, values, context):
    if operator == "Null":
        return (actual == []) is (values == "true")
    wanted = [value.replace("${aws:username}", context["aws:username"][0]) for value in values]
    compare = fnmatchcase if "Like" in operator else str.__eq__
    fits = [any(compare(one, each) for each in wanted) for one in actual]
    if "Not" in operator:
        fits = [not one for one in fits]
    if operator.startswith("ForAnyValue"):
        return any(fits)
    if operator.startswith("ForAllValues"):
        return all(fits)
    return fits[0] if fits else operator.endswith("IfExists") or "Not" in operator


@examples(300)
@given(
    st.lists(_STATEMENTS, min_size=1, max_size=3),
    st.sampled_from([PLAN, f"{PLAN}2"]),
    st.booleans(),
)
def test_what_is_said_for_certain_is_so_whatever_nobody_knows(statements, resource, is_old):
    """In each world, with each value of a tag that is not known: read plainly, it is the same."""
    version = {} if is_old else {"Version": "2012-10-17"}
    found = verdict([{**version, "Statement": statements}], Request(USER, GET, resource, {**_KEYS}))
    if is_old:  # no value is that text
        statements = json.loads(json.dumps(statements).replace("${aws:username}", "no variable"))
    worlds = {
        _plainly(statements, {**_KEYS, _NOBODY_KNOWS: value}, resource)
        for value in ([], ["a"], ["ana"], ["c"], ["elsewhere"])
    }
    said = {Effect.ALLOW: "Allow", Effect.DENY: "Deny", Effect.NOTHING: None}[found.effect]
    if not found.unclear:
        assert worlds == {said}
    elif found.effect is Effect.NOTHING:
        assert "Deny" not in worlds
    if _NOBODY_KNOWS not in json.dumps(statements):
        assert not found.unclear
