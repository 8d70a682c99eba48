"""The CloudFormation types of Incident Manager, for moto's CloudFormation, which finds them itself.

Follows *AWS::SSMIncidents::ResponsePlan* and *AWS::SSMIncidents::ReplicationSet* in the
CloudFormation template reference. Properties are those of the API but for their spelling, so that
the API's own model says what is wrong with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from moto.core.common_models import CloudFormationModel
from moto.core.exceptions import ServiceException
from moto.core.utils import get_service_model
from moto.utilities.utils import get_partition
from typing_extensions import Self

from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.protocol.validation import Failures, check
from pulumi_incidents.emulator.ssm_incidents.documented import check_documented
from pulumi_incidents.emulator.ssm_incidents.models import NAME, backends
from pulumi_incidents.emulator.ssm_incidents.notifications import deliver
from pulumi_incidents.emulator.storage.lock import LOCK

if TYPE_CHECKING:
    from botocore.model import ListShape, MapShape, Shape, StructureShape

# How entries of a list are spelled that is a map in the API: its keys and its values.
_KEYS = ("Key", "RegionName")
_VALUES = ("Value", "Values", "RegionConfiguration")
_NO_KEY = "DefaultKey"  # how the API tells of a region without one
_BOOLEANS = {"true": True, "false": False}
# What an update clears where a template has it no more. AWS's published handler leaves the display
# name and the tags of incidents.
_CLEARED: dict[str, Any] = {
    "actions": [],
    "chatChannel": {"empty": {}},
    "engagements": [],
    "integrations": [],
}
_CLEARED_TEMPLATE: dict[str, Any] = {"dedupeString": "", "notificationTargets": [], "summary": ""}


class _Resource:
    """What a stack keeps of a resource: where it is, and its ARN, which `Ref` answers as well."""

    kind: ClassVar[str]

    def __init__(self, arn: str, account: str, region: str) -> None:
        self.arn = arn
        self.account = account
        self.region = region

    @classmethod
    def cloudformation_type(cls) -> str:
        """Return the type in templates."""
        return f"AWS::SSMIncidents::{cls.kind}"

    @staticmethod
    def cloudformation_name_type() -> str:
        """Say that no name is made up."""
        return ""

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Say whether `Fn::GetAtt` knows an attribute."""
        return attr == "Arn"

    def get_cfn_attribute(self, _: str) -> str:
        """Return the one attribute that there is."""
        return self.arn

    @property
    def physical_resource_id(self) -> str:
        """What the stack calls it."""
        return self.arn

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> Self:
        """Create it; what is wrong is told by its name in the template."""
        del resource_name
        creates = f"Create{cls.kind}"
        given = _translated(cloudformation_json["Properties"], _input(creates))
        late = {name: given.pop(name) for name in ("deletionProtected",) if name in given}
        try:
            arn = _call(account_id, region_name, creates, given)["arn"]
        except ServiceException as error:
            message = f"{kwargs['LogicalId']}: {error.message}"
            raise ServiceException(error.code, message) from error
        made = cls(arn, account_id, region_name)
        made.finish(late)
        return made

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Self,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Self:
        """Bring it to what the template says by now, or another one into its place."""
        given = _translated(cloudformation_json["Properties"], _input(f"Create{cls.kind}"))
        if not original_resource.is_another(given):
            original_resource.bring(given)
            return original_resource
        where = (new_resource_name, cloudformation_json, account_id, region_name)
        made = cls.create_from_cloudformation_json(*where, LogicalId=str(given.get("name")))
        original_resource.delete(account_id, region_name)
        return made

    def is_another(self, _: dict[str, Any]) -> bool:
        """Say whether what is given is another thing."""
        return False

    def bring(self, given: dict[str, Any]) -> None:
        """Bring it in place to what is given."""
        raise NotImplementedError

    def delete(self, _: str, __: str) -> None:
        """Delete it; with a replication set goes everything that the account has."""
        self.call(f"Delete{self.kind}")

    def finish(self, given: dict[str, Any]) -> None:
        """Do what takes a call of its own."""

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call an operation of the API about it."""
        return _call(self.account, self.region, operation, {"arn": self.arn, **parameters})

    def set_tags(self, wanted: dict[str, str]) -> None:
        """Make its tags what the template says."""
        about = {"resourceArn": self.arn}
        found = _call(self.account, self.region, "ListTagsForResource", about)["tags"]
        if gone := sorted(found.keys() - wanted.keys()):
            _call(self.account, self.region, "UntagResource", {**about, "tagKeys": gone})
        if wanted:
            _call(self.account, self.region, "TagResource", {**about, "tags": wanted})


class PlanResource(_Resource, CloudFormationModel):
    """AWS::SSMIncidents::ResponsePlan."""

    kind = "ResponsePlan"

    def is_another(self, given: dict[str, Any]) -> bool:
        """Say whether it has another name: that is another plan."""
        return bool(given.get("name") != self.arn.split("/", 1)[1])

    def bring(self, given: dict[str, Any]) -> None:
        """Change it in place."""
        tags, template = given.pop("tags", {}), given.pop("incidentTemplate", {})
        del given["name"]
        for name, value in {**_CLEARED_TEMPLATE, **template}.items():
            spelled = "Tags" if name == "incidentTags" else name[:1].upper() + name[1:]
            given[f"incidentTemplate{spelled}"] = value
        self.call("UpdateResponsePlan", **{**_CLEARED, **given})
        self.set_tags(tags)


class ReplicationSetResource(_Resource, CloudFormationModel):
    """AWS::SSMIncidents::ReplicationSet."""

    kind = "ReplicationSet"

    def finish(self, given: dict[str, Any]) -> None:
        """Protect it from deletion, or no longer."""
        if given:
            operation = "UpdateDeletionProtection"
            self.call(operation, **_translated(given, _input(operation)))

    def is_created(self) -> bool:
        """Say whether it has settled, which the stack waits for."""
        return bool(self._found()["status"] != "CREATING")

    def bring(self, given: dict[str, Any]) -> None:
        """Add regions, and then remove those that are gone; keys of regions cannot be changed."""
        there, wanted = self._found()["regionMap"], given["regions"]
        for name in wanted.keys() & there.keys():
            if wanted[name].get("sseKmsKeyId", _NO_KEY) != there[name].get("sseKmsKeyId", _NO_KEY):
                raise ValidationException(f"The key of the region {name} cannot be changed.")
        actions = [
            {"addRegionAction": {"regionName": name, **wanted[name]}}
            for name in wanted
            if name not in there
        ]
        actions += [{"deleteRegionAction": {"regionName": n}} for n in there if n not in wanted]
        for action in actions:
            self.call("UpdateReplicationSet", actions=[action])
        self.finish({"deletionProtected": given.get("deletionProtected", False)})
        self.set_tags(given.get("tags", {}))

    def _found(self) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GetReplicationSet")["replicationSet"]
        return found


def _input(operation: str) -> StructureShape:
    shape = get_service_model(NAME).operation_model(operation).input_shape
    return cast("StructureShape", shape)


def _call(account: str, region: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Call an operation in this account, checked as a request is."""
    failures = Failures()
    checked = check(parameters, _input(operation), "", failures)
    failures.raise_if_any()
    check_documented(operation, checked)
    with LOCK:
        backend = backends[account][get_partition(region)]
        answer = backend.call(operation, checked)
        messages = backend.take_messages()
    deliver(messages)
    return answer


def _translated(value: Any, shape: Shape) -> Any:
    """Return a property as the API spells it; what it has no name for stays, to be refused."""
    if shape.type_name == "structure" and isinstance(value, dict):
        members = cast("StructureShape", shape).members
        spelled = {name[:1].lower() + name[1:]: each for name, each in value.items()}
        return {n: _translated(v, members[n]) if n in members else v for n, v in spelled.items()}
    if shape.type_name == "map" and isinstance(value, list):
        inner = cast("MapShape", shape).value
        return {_part(e, _KEYS, ""): _translated(_part(e, _VALUES, {}), inner) for e in value}
    if shape.type_name == "list" and isinstance(value, list):
        return [_translated(each, cast("ListShape", shape).member) for each in value]
    if isinstance(value, str):  # what a parameter of a template gives is a text
        if shape.type_name == "integer" and value.isdigit():
            return int(value)
        return _BOOLEANS.get(value, value) if shape.type_name == "boolean" else value
    return value


def _part(entry: dict[str, Any], names: tuple[str, ...], otherwise: Any) -> Any:
    return next((entry[name] for name in names if name in entry), otherwise)
