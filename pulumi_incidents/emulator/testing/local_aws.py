"""All that a local AWS offers to a test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from pulumi_incidents.emulator.testing.connection import REGION
from pulumi_incidents.emulator.testing.people import People


class LocalAws(People):
    """A running local AWS at the base address `url`: clients, requests, people, faults, the clock.

    Every method but `client` raises `LocalAwsError`.
    """

    def requests(
        self, service: str | None = "ssm-incidents", operation: str | None = None
    ) -> list[dict[str, Any]]:
        """Return the requests since the log was last emptied, oldest first.

        `service` is a name as in the signature of a request, like "sns"; None is every service.
        Each request has `id`, `time`, `service`, `operation`, `status` (None when its answer was
        `lost`), `error` (the AWS code or None), `mutating`, `request_id` as in its answer, and
        `parameters` where it was for Incident Manager.
        """
        filters = {"service": service, "operation": operation}
        query = urlencode({name: value for name, value in filters.items() if value is not None})
        found: list[dict[str, Any]] = self._control("GET", f"requests?{query}")["requests"]
        return found

    def operations(self, service: str | None = "ssm-incidents") -> list[str]:
        """Return the names of the operations in `requests`, like "StartIncident"."""
        return [entry["operation"] for entry in self.requests(service)]

    def messages(self, incident: str | None = None) -> list[dict[str, Any]]:
        """Return what topics were told since the start or a reset, oldest first: the last 1,000.

        `incident` is the ARN of the one to hear of. Each message has its `topic`, `time`,
        `incident`, `kind` (a type of the timeline), `body` (JSON as published), and `error`: why
        the topic did not get it, or None.
        """
        query = f"?{urlencode({'incident': incident})}" if incident else ""
        found: list[dict[str, Any]] = self._control("GET", f"messages{query}")["messages"]
        return found

    def execution(
        self, document: str, status: str = "Success", *, failure: str = "", region: str = REGION
    ) -> str:
        """Let there be an execution of a runbook, which does nothing; return its ARN.

        `status` is an *AutomationExecutionStatus* of Systems Manager, `failure` its message.
        """
        told = {"documentName": document, "status": status, "failureMessage": failure}
        return str(self._control("POST", "executions", {**told, "region": region})["arn"])

    def end_execution(self, arn: str, status: str, *, failure: str = "") -> None:
        """Give an execution, such as that of an incident's runbook, another status."""
        told = {"arn": arn, "status": status, "failureMessage": failure}
        self._control("PUT", "executions", told)

    def confirm(self, topic: str) -> None:
        """Confirm the subscriptions to a topic that wait for it, as people do by a link."""
        waiting = self._control("GET", "confirmations")["confirmations"]
        client = self.client("sns", region_name=topic.split(":")[3])
        for each in waiting:
            if each["topic"] == topic:
                client.confirm_subscription(TopicArn=topic, Token=each["token"])
        client.close()

    def quota(self, service: str, name: str, value: float, *, region: str = REGION) -> None:
        """Let Service Quotas list a quota of `ssm-incidents` or `ssm-contacts`; there are none."""
        told = {"serviceCode": service, "quotaName": name, "value": value, "region": region}
        self._control("PUT", "quotas", told)

    def forget(self) -> None:
        """Empty the log of requests."""
        self._control("DELETE", "requests")

    def fail(
        self,
        operation: str,
        code: str,
        *,
        times: int | None = 1,
        message: str | None = None,
        **members: Any,
    ) -> None:
        """Answer the next `times` requests to an operation of Incident Manager with an AWS error.

        `operation` may be "*" for any, and `times` None for all. `members` are those that the error
        has in the API, with `retryAfter` in seconds from now.
        """
        told = {} if message is None else {"message": message}
        self.fault(operation, times=times, error={"code": code, **told, **members})

    def delay(self, operation: str, seconds: float, *, times: int | None = 1) -> None:
        """Let the next `times` requests to an operation wait before they are handled."""
        self.fault(operation, times=times, delay=seconds)

    def lose_answer(self, operation: str, *, times: int | None = 1) -> None:
        """Handle the next `times` requests to an operation, and close the connection unanswered."""
        self.fault(operation, times=times, lose_answer=True)

    def fault(self, operation: str, **declared: Any) -> None:
        """Declare a fault with any of the keys that `front.faults.Fault` describes."""
        self._control("POST", "faults", {"operation": operation, **declared})

    def faults_left(self) -> int:
        """Return how many declared faults are still to come."""
        return len(self._control("GET", "faults")["faults"])

    def denials(self) -> list[dict[str, Any]]:
        """Return what was denied since the start or a reset, oldest first: the last 1,000.

        Each has its `principal`, `action`, `resource`, the `code` and `message` of AWS, its `time`,
        and its `effect`: what came of it, like a runbook that did not start.
        """
        found: list[dict[str, Any]] = self._control("GET", "denials")["denials"]
        return found

    def permissions(self, mode: str) -> None:
        """Evaluate `services`, nothing (`off`), or with `enforce` also users and roles.

        It holds until a reset. Access keys that the local IAM does not know, like those of
        `client`, may do everything.
        """
        self._control("PUT", "permissions", {"mode": mode})

    def clock(self) -> datetime:
        """Return the time of this AWS, in UTC: that of the wall unless it was set or moved on."""
        return _time(self._control("GET", "clock"))

    def set_clock(self, time: datetime | str, *, running: bool = False) -> datetime:
        """Put the clock to a time, ahead or back, and stop it there; return the time it has then.

        `time` has a zone: `datetime(2026, 12, 25, 3, tzinfo=timezone.utc)` or
        "2026-12-25T03:00:00Z", in the years from 1970 to 2999. With `running` it runs on from
        there. It holds until a reset.
        """
        told = time.isoformat() if isinstance(time, datetime) else time
        return _time(self._control("PUT", "clock", {"time": told, "running": running}))

    def advance(self, step: timedelta | float) -> datetime:
        """Move the clock on by a timedelta or seconds, above 0; return the time it has then.

        A clock that stands still goes on standing, one that runs goes on running.
        """
        seconds = step.total_seconds() if isinstance(step, timedelta) else step
        return _time(self._control("POST", "clock", {"advance": seconds}))

    def release_clock(self) -> None:
        """Let the clock run with the wall again, as a reset does."""
        self._control("DELETE", "clock")

    def settle(self, seconds: float, *, failure: str | None = None) -> None:
        """Let every later change of a replication set take so many seconds, 0 to 3600.

        With a `failure`, the regions that change end FAILED, and it is their `statusMessage`. It
        holds until a reset.
        """
        told = {} if failure is None else {"failure": failure}
        self._control("PUT", "replication", {"settle_seconds": seconds, **told})

    def heal(self) -> None:
        """Forget every fault that is left."""
        self._control("DELETE", "faults")

    def reset(self) -> None:
        """Go back to the start: nothing made, nothing asked, no fault to come, the wall's time."""
        self._control("POST", "reset")
        self.forget()


def _time(answer: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(answer["time"].replace("Z", "+00:00"))
