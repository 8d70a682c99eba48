"""Checks of people's channels: by what they are paged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps

from pulumi_incidents.commands.doctor.checking import ways
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.results import Finding, Level, NotSeen, Result
from pulumi_incidents.oncall.team import PERSON, Channel, Contact, Team

_KINDS = {"SMS": "messages", "VOICE": "calls", "EMAIL": "e-mails"}
_MAIL = "EMAIL"
_ACTIVATE = (
    "`aws ssm-contacts send-activation-code --contact-channel-id {0}` sends a code there, and "
    "`aws ssm-contacts activate-contact-channel --contact-channel-id {0} --activation-code CODE` "
    "takes it"
)


def _staged(person: Contact) -> list[str]:
    """Return the ARNs of the channels in the stages of a person, each once."""
    return [*dict.fromkeys(target.arn for stage in person.stages for target in stage.targets)]


def paging(team: Team, person: Contact) -> list[Channel]:
    """Return the channels that page a person: activated, and in a stage."""
    found = (team.channels.get(arn) for arn in _staged(person))
    return [channel for channel in found if channel and channel.is_active]


_Look = Callable[[Team, Contact], Iterator[Finding]]


def _each(*, is_paged: bool = False) -> Callable[[_Look], Callable[[Facts], Iterator[Result]]]:
    """Look at each person whom anything names, or of these at those who are paged at all."""

    def of(look: _Look) -> Callable[[Facts], Iterator[Result]]:
        @wraps(look)
        def looked(facts: Facts) -> Iterator[Result]:
            named = {each.arn for each in ways.namings(facts)}
            for person, plans in ways.of_type(facts, PERSON):
                if person.arn not in named:
                    continue
                if why := facts.team.unseen.get(f"{person.arn}/channels"):
                    yield NotSeen(person.arn, why, plans)
                elif paging(facts.team, person) or not is_paged:
                    yield from ways.told_of(look(facts.team, person), person.arn, plans)

        return looked

    return of


@_each()
def _paged(team: Team, person: Contact) -> Iterator[Finding]:
    """Whether everybody who may be engaged has a stage with an activated channel.

    Looked at is each person whom a response plan, a stage, a rotation or an override names, by
    `ssm-contacts:GetContact` and `ssm-contacts:ListContactChannels`. AWS pages a channel only if it
    is activated and in a stage of the person; whoever has none is engaged, and hears nothing.

    A person without stages needs a plan: `aws ssm-contacts update-contact`, a `ContactPlan`, or a
    `Responder`, which makes one. A channel is activated by the person, with a code that AWS sends
    there: `aws ssm-contacts send-activation-code` sends another one. Who answers a message with
    UNSUBSCRIBE is not paged by it until it is activated anew.
    """
    if paging(team, person):
        return
    staged = [team.channels[arn] for arn in _staged(person) if arn in team.channels]
    if staged:
        seen = f"No channel in the stages of {person.name} is activated: {_names(staged)}."
        activate = _ACTIVATE.format(staged[0].arn)
        mend = f"Let {person.name} activate one of them, such as the first: {activate}."
    elif _staged(person):
        seen = f"The channels in the stages of {person.name} do not exist any more."
        mend = f"Give {person.name} a channel, activate it, and put it into a stage."
    else:
        seen = f"{person.name} has no stages with a channel."
        mend = f"Give {person.name} a plan with a stage that has an activated channel."
    yield Finding(person.arn, seen, mend)


@_each(is_paged=True)
def _working(team: Team, person: Contact) -> Iterator[Finding]:
    """Whether every channel in the stages of a person exists and is activated.

    Looked at is each person whom anything names and who is paged at all, by
    `ssm-contacts:GetContact` and `ssm-contacts:ListContactChannels`. AWS passes over a channel that
    is not activated, and leaves one that is deleted in the stages. The person is paged by the other
    ones, so one way less is left than the plan says.

    Let the person activate the channel, with the code that `aws ssm-contacts send-activation-code`
    sends there, or take it out of the stages.
    """
    for arn in _staged(person):
        channel = team.channels.get(arn)
        if channel is None:
            seen = f"The channel {arn} in the stages of {person.name} does not exist any more."
            yield Finding(person.arn, seen, f"Take it out of the stages of {person.name}.")
        elif not channel.is_active:
            seen = f"The channel {_names([channel])} of {person.name} is not activated."
            activate = _ACTIVATE.format(arn)
            mend = f"Let {person.name} activate it, or take it out of the stages: {activate}."
            yield Finding(person.arn, seen, mend)


@_each(is_paged=True)
def _kinds(team: Team, person: Contact) -> Iterator[Finding]:
    """Whether everybody is paged by channels of two kinds, of which one wakes.

    Looked at are the activated channels in the stages of each person whom anything names, by
    `ssm-contacts:GetContact` and `ssm-contacts:ListContactChannels`. The kinds are messages, calls
    and e-mails. An e-mail alone wakes nobody, which is a warning. Messages or calls alone are a
    note: a phone that is silent, or a carrier that delivers late, is enough to miss them.

    Give the person a second channel of another kind, let it be activated, and put it into a stage:
    a message at once, and a call after some minutes, is what a `Responder` makes by default.
    """
    kinds = {channel.type for channel in paging(team, person)}
    if len(kinds) != 1:
        return
    [kind] = kinds
    words = _KINDS.get(kind, kind)
    wakes = "; they wake nobody" if kind == _MAIL else ""
    yield Finding(
        person.arn,
        f"The person is paged by {words} alone{wakes}.",
        "Give the person an activated channel of another kind, in a stage.",
        Level.WARNING if kind == _MAIL else None,
    )


@_each()
def _staged_all(team: Team, person: Contact) -> Iterator[Finding]:
    """Whether every channel that a person has activated is in a stage.

    Looked at is each person whom anything names, by `ssm-contacts:GetContact` and
    `ssm-contacts:ListContactChannels`. A channel that is in no stage is never paged, though the
    person has activated it and may expect to be.

    Put the channel into a stage of the person, or delete it.
    """
    staged = _staged(person)
    left = [
        channel
        for channel in team.channels.values()
        if channel.contact == person.arn and channel.is_active and channel.arn not in staged
    ]
    if left:
        yield Finding(
            person.arn,
            f"{person.name} has activated {_names(left)}, which no stage has.",
            f"Put it into a stage of {person.name}, or delete it.",
        )


def _names(channels: Iterable[Channel]) -> str:
    """Return channels as people know them, by name and kind; never by their address."""
    return ", ".join(f"{channel.name} ({channel.type})" for channel in channels)


CHECKS = (
    Check(
        "person-paged",
        Level.ERROR,
        "Everybody who may be engaged has an activated channel in a stage",
        "Whoever has none is engaged, and hears nothing.",
        _paged,
    ),
    Check(
        "person-channels",
        Level.WARNING,
        "Channels in people's stages exist and are activated",
        "AWS passes over the others, and one way less is left than the plan says.",
        _working,
    ),
    Check(
        "person-kinds",
        Level.NOTE,
        "Everybody is paged by channels of two kinds",
        "A phone that is silent or a mailbox that nobody looks at is enough to miss a page.",
        _kinds,
    ),
    Check(
        "person-unused-channels",
        Level.NOTE,
        "Channels that people have activated are in a stage",
        "No stage pages them, though whoever activated them may expect it.",
        _staged_all,
    ),
)
