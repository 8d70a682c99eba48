"""ARNs in place of the names in a seed, and times as the API has them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.protocol.times import read_time
from pulumi_incidents.emulator.seed.reading import CHANNELS, CONTACTS, ROTATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_incidents.emulator.protocol.validation import Failures

# Of what a name is, by the member that has it.
_NAMED = {
    "ContactId": CONTACTS,
    "ContactIds": CONTACTS,
    "engagements": CONTACTS,
    "ContactChannelId": CHANNELS,
    "RotationIds": ROTATIONS,
}
_WORDS = {CONTACTS: "contact", CHANNELS: "channel of the contact", ROTATIONS: "rotation"}


class Names:
    """What names stand for: `arns` by kind and name, "" for what could not be made.

    `unmade`: whether such a thing was named.
    """

    def __init__(self, arns: Mapping[str, Mapping[str, str]], failures: Failures) -> None:
        self._arns, self._failures = arns, failures
        self.unmade = False

    def resolve(self, value: Any, shape: Any, path: str = "", member: str = "") -> Any:
        """Return a value with ARNs and times in it; note what is neither.

        It follows the model of the value: keys of maps, such as tags, only look like members.
        """
        if isinstance(value, dict) and shape.type_name == "structure":
            inner, prefix = shape.members, f"{path}." if path else ""
            return {
                key: self.resolve(each, inner[key], prefix + key, key) if key in inner else each
                for key, each in value.items()
            }
        if isinstance(value, list) and shape.type_name == "list":
            return [
                self.resolve(each, shape.member, f"{path}[{index}]", member)
                for index, each in enumerate(value)
            ]
        if isinstance(value, str) and shape.type_name == "timestamp":
            return self._time(value, path)
        if isinstance(value, str) and member in _NAMED and not value.startswith("arn:"):
            return self._arn(value, path, _NAMED[member])
        return value

    def _time(self, text: str, path: str) -> float:
        try:
            return read_time(text).timestamp()
        except ValueError as error:
            self._failures.add(path, f"Member {error}")
            return 0

    def _arn(self, name: str, path: str, kind: str) -> str:
        arn = self._arns[kind].get(name)
        if arn is None:
            what = f"the name of a {_WORDS[kind]} in the seed, or an ARN"
            self._failures.add(path, f"Member must be {what}, not {name[:100]!r}")
        self.unmade = self.unmade or arn == ""
        return arn or ""
