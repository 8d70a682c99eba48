"""The one replication set of an account at AWS: found, made, changed step by step, deleted.

Each step takes AWS minutes, sometimes more. botocore's waiters give up after two and a half of
them; AWS's own handler of the CloudFormation type waits two hours, and so does this.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

import tenacity

from pulumi_incidents.providers import _aws, _ownership, _regions
from pulumi_incidents.providers._aws import Changes, Thing

_PATIENCE = 2 * 60 * 60  # seconds
_PAUSES = tenacity.wait_exponential(multiplier=0.5, max=30) + tenacity.wait_random(0, 0.5)
# Pauses double: something is told after some seconds, and then every two minutes.
_TOLD_EVERY = 4  # looks
# A set that was just made may not be found yet, and one that is listed may be gone.
_LOOKS, _BETWEEN = 8, 2


def look(thing: Thing) -> Mapping[str, Any]:
    """Return the set as AWS has it."""
    found: Mapping[str, Any] = thing.call("GetReplicationSet", arn=thing.arn)["replicationSet"]
    return found


def there(thing: Thing) -> tuple[Thing, bool]:
    """Return the set of the account, and whether it was made now because there was none."""
    made = ""
    looking = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(_aws.NotFoundError),
        wait=tenacity.wait_fixed(_BETWEEN),
        stop=tenacity.stop_after_attempt(_LOOKS),
        reraise=True,
    )
    for attempt in looking:
        with attempt:
            arn = made or _listed(thing)
            if not arn:
                arn = made = _made(thing)
            thing = thing._replace(arn=arn)
            if _settled(thing) is None:
                raise _aws.NotFoundError(f"{thing.arn} does not show yet: run again in a minute.")
    return thing, bool(made)


def _listed(thing: Thing) -> str:
    """Return the ARN of the account's set; empty if there is none."""
    pages = thing.service.pages(thing.props, "ListReplicationSets", thing.subject)
    return next((str(arn) for page in pages for arn in page["replicationSetArns"]), "")


def _made(thing: Thing) -> str:
    """Make a set; return its ARN."""
    tags = _ownership.declared_tags(thing.props)
    sent = {"regions": _regions.request(thing.props), **({"tags": tags} if tags else {})}
    try:
        return str(thing.call("CreateReplicationSet", **sent)["arn"])
    except (_aws.ExistsError, _aws.QuotaError) as error:
        # Which of the two it is, no document says.
        raise _aws.NotFoundError(
            f"{error} This account has a replication set that is not listed in "
            f"{_aws.region(thing.props)}: name one of its regions in aws_config or the aws: "
            "configuration, or run again in a minute."
        ) from None


def require_home(thing: Thing) -> None:
    """Raise unless a set can be managed from the region that is called: AWS takes only its own."""
    if told := _regions.home_told(_regions.declared(thing.props), _aws.region(thing.props)):
        raise _aws.IncidentManagerError(f"regions {told}.")


def bring(changes: Changes, olds: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bring protection and regions to what is declared, and return the set.

    Whatever is to come is made first. What goes is only what `olds` has: nothing that nobody has
    declared is taken away.
    """
    arn, news = changes.thing.arn, changes.thing.props
    wanted = _regions.declared(news)
    removable = {each.name for each in _regions.declared(olds)}
    found = _whole(changes, removable)
    on = bool(news["deletion_protected"])
    if found["deletionProtected"] is not on and (on or olds.get("deletion_protected")):
        changes.call("UpdateDeletionProtection", arn=arn, deletionProtected=on)
    while step := _regions.next_step(found, wanted, removable):
        changes.call("UpdateReplicationSet", arn=arn, actions=[step])
        removable -= {_regions.of_step(step)}  # what could not be removed is not tried again
        found = _whole(changes, removable, step)
    return found


def _whole(
    changes: Changes, removable: Collection[str], step: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    """Return the set once a step is over and nothing keeps it from the next one."""
    thing = changes.thing
    with changes.told():
        found = _settled(thing, step)
        if found is None:
            raise _aws.NotFoundError(
                f"{thing.arn} is gone: run `pulumi refresh`, and the next `pulumi up` makes it "
                "anew."
            )
        require_no_trouble(thing, found, removable)
    return found


def require_no_trouble(thing: Thing, found: Mapping[str, Any], removable: Collection[str]) -> None:
    """Raise if a set, as it was found, cannot be brought to what is declared."""
    wanted = _regions.declared(thing.props)
    if told := _regions.trouble_told(found, wanted, removable):
        raise _aws.IncidentManagerError(f"{thing.arn} {told}.")


def destroy(thing: Thing) -> None:
    """Delete a set with everything that Incident Manager has in the account, and wait for it.

    Raises, and deletes nothing, while it is protected, here or at AWS.
    """
    found = _settled(thing)
    if found is None:
        return
    if thing.props.get("deletion_protected") is not False or found["deletionProtected"]:
        raise _aws.IncidentManagerError(
            f"{thing.arn} is protected, and nothing is deleted: set deletion_protected=False and "
            'run `pulumi up` before it goes, or on_delete="keep" to leave it there.'
        )
    thing.call("DeleteReplicationSet", arn=thing.arn)
    left = _until(thing, lambda found: found is None or found["status"] == "FAILED")
    if left is not None:
        told = _regions.failed_told(left)
        raise _aws.IncidentManagerError(f"{thing.arn} {told}: see to the cause and run again.")


def _settled(thing: Thing, step: Mapping[str, Any] | None = None) -> Mapping[str, Any] | None:
    """Return the set once no change of it is under way, and a step shows; None if it is gone."""

    def is_over(found: Mapping[str, Any] | None) -> bool:
        if found is None or found["status"] == "FAILED":
            return True
        return not _regions.is_changing(found) and (step is None or _regions.shows(found, step))

    return _until(thing, is_over)


def _until(
    thing: Thing, is_over: Callable[[Mapping[str, Any] | None], bool]
) -> Mapping[str, Any] | None:
    looking = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda found: not is_over(found)),
        wait=_PAUSES,
        stop=tenacity.stop_after_delay(_PATIENCE),
        before_sleep=lambda state: _tell(thing, state),
        retry_error_callback=lambda state: _give_up(thing, state),
    )
    found: Mapping[str, Any] | None = looking(_glance, thing)
    return found


def _glance(thing: Thing) -> Mapping[str, Any] | None:
    try:
        return look(thing)
    except _aws.NotFoundError:
        return None


def _tell(thing: Thing, state: tenacity.RetryCallState) -> None:
    if state.attempt_number % _TOLD_EVERY == 0:
        _aws.tell(f"{thing.arn} {_state_of(state)}: AWS takes minutes for a change.")


def _give_up(thing: Thing, state: tenacity.RetryCallState) -> None:
    raise _aws.IncidentManagerError(
        f"{thing.arn} {_state_of(state)}, and is not waited for any longer: run again, and it goes "
        "on from there."
    )


def _state_of(state: tenacity.RetryCallState) -> str:
    """Return in which state a set is, and for how long it is waited for."""
    found = state.outcome.result() if state.outcome else {}
    regions = ", ".join(f"{name} {info['status']}" for name, info in found["regionMap"].items())
    waited = timedelta(seconds=round(state.seconds_since_start or 0))
    return f"is {found['status']} after {waited} ({regions})"
