"""Bring response plans that exist already into a stack, without touching them.

`python -m pulumi_incidents.providers.import_file ARN…` reads the plans and writes the file for
`pulumi import` and the code that declares them; `--from-state` does it for the plans that a stack
manages with the official `aws.ssmincidents.ResponsePlan`. `pulumi import TYPE NAME ID` cannot do
it: a dynamic resource is read by a provider that is stored with it, and there is none yet.

The file's format is `importSpec` of https://github.com/pulumi/pulumi, `pkg/cmd/pulumi/operations`.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pulumi.dynamic.dynamic import serialize_provider

from pulumi_incidents.identity.keys import ProviderKeys
from pulumi_incidents.identity.reading import is_ignored, taken
from pulumi_incidents.identity.settings import Settings, settings_of
from pulumi_incidents.providers import _diff
from pulumi_incidents.providers._aws import INCIDENTS
from pulumi_incidents.providers._declaration import CONTEXT
from pulumi_incidents.providers._errors import IncidentManagerError, NotFoundError
from pulumi_incidents.providers._ownership import holder
from pulumi_incidents.providers.response_plan import ResponsePlanProvider

_TYPE = "pulumi-python:dynamic/ssmincidents:ResponsePlan"
_OFFICIAL_TYPE = "aws:ssmincidents/responsePlan:ResponsePlan"
_STACK_TYPE = "pulumi:pulumi:Stack"
_ARN = re.compile(r"arn:aws[a-z-]*:ssm-incidents::\d{12}:response-plan/([a-zA-Z0-9_-]+)")
_DEFAULT_PROVIDER = re.compile(r"::pulumi:providers:aws::default(_\d+)*$")
_WIDTH = 88

_IMPORT = "import.json"
_CODE = "imported_plans.py"


class Plan(NamedTuple):
    """A plan to import, and where it is found."""

    name: str
    """Name of the resource."""
    arn: str
    """ARN of the plan, which becomes the id of the resource."""
    parent: str = ""
    """URN of the component it belongs to."""
    where: Mapping[str, str] = {}
    """The `aws_config` to read it with."""
    aws_config: Mapping[str, str] = {}
    """What it does differently from the stack's `aws:` configuration."""
    old_urn: str = ""
    """URN of the official resource that manages it so far."""
    protected: bool = False
    """The official resource is protected."""
    in_use: bool = False
    """Other resources of the stack depend on the official resource."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; an expected failure is one sentence and exit code 1."""
    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except IncidentManagerError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pulumi_incidents.providers.import_file",
        description="Write what `pulumi import` needs for existing response plans, and their code. "
        "AWS is only read, with the credentials and region that boto3 finds.",
    )
    parser.add_argument("arns", nargs="*", metavar="ARN", help="ARN of a response plan")
    parser.add_argument(
        "--from-state",
        metavar="FILE",
        help="take the plans of aws.ssmincidents.ResponsePlan from this `pulumi stack export`",
    )
    parser.add_argument("--region", help="region to read from")
    parser.add_argument("--profile", help="profile to read with")
    parser.add_argument("--parent", default="", metavar="URN", help="component the ARNs belong to")
    parser.add_argument(
        "--default-tag",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a tag of the stack's aws:defaultTags, which the code does not repeat; repeatable",
    )
    parser.add_argument(
        "--ignore-tag",
        action="append",
        default=[],
        metavar="KEY",
        help="a tag of the stack's aws:ignoreTags, `cost:*` for a prefix; repeatable",
    )
    parser.add_argument(
        "--output", default=".", metavar="DIR", help=f"where {_IMPORT} and {_CODE} go (default: .)"
    )
    return parser


def _run(options: argparse.Namespace) -> None:
    if bool(options.arns) == bool(options.from_state):
        raise IncidentManagerError(
            "Name the ARN of a response plan or --from-state FILE; not both."
        )
    if not Path(options.output).is_dir():
        raise IncidentManagerError(f"{options.output} is not a folder: make it first.")
    files = [Path(options.output) / name for name in (_IMPORT, _CODE)]
    for file in files:
        if file.exists():
            raise IncidentManagerError(f"{file} exists: move it away or choose another --output.")
    default_tags, ignored = _tags(options.default_tag), [*options.ignore_tag]
    if options.from_state:
        resources = _exported(options.from_state)
        plans = list(_official_plans(resources, options.from_state))
        stack = _provider_settings(_default_provider(resources))
        default_tags = {**dict(stack.default_tags), **default_tags}
        ignored += [*stack.ignored_keys, *(f"{prefix}*" for prefix in stack.ignored_prefixes)]
    else:
        plans = list(_named_plans(options.arns, options.parent))
    chosen = {"region": options.region, "profile": options.profile}
    found = [(plan, _read(plan, chosen, default_tags, ignored)) for plan in plans]
    place = _stack()
    _write(
        files[0],
        _import_file(
            (plan, {**live.inputs, **live.added, **_context(plan, place)}, live.owner)
            for plan, live in found
        ),
    )
    _write(files[1], _program((plan, live.inputs) for plan, live in found))
    sys.stdout.write(_next_steps(plans, files))
    for plan, live in found:
        if live.owner:
            sys.stdout.write(_told_owner(plan.arn, live.owner))


def _tags(pairs: Iterable[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise IncidentManagerError(f"--default-tag {pair} must be KEY=VALUE.")
    return dict(pair.split("=", 1) for pair in pairs)


def _named_plans(arns: Iterable[str], parent: str) -> Iterator[Plan]:
    taken: set[str] = set()
    for arn in dict.fromkeys(arns):
        name, number = _plan_name(arn), 1
        # Two accounts may have plans of one name; two resources of a stack may not.
        while name in taken:
            number += 1
            name = f"{_plan_name(arn)}-{number}"
        taken.add(name)
        yield Plan(name, arn, parent)


def _plan_name(arn: str) -> str:
    match = _ARN.fullmatch(arn)
    if not match:
        raise IncidentManagerError(
            f"{arn} is not the ARN of a response plan, which looks like "
            "arn:aws:ssm-incidents::123456789012:response-plan/checkout."
        )
    return match[1]


def _exported(file: str) -> list[dict[str, Any]]:
    """Return the resources of what `pulumi stack export` wrote."""
    try:
        resources = json.loads(Path(file).read_text("utf-8"))["deployment"].get("resources") or []
        return [resource for resource in resources if not resource.get("delete")]
    except OSError as error:
        raise IncidentManagerError(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IncidentManagerError(
            f"{file} is not a state: write one with `pulumi stack export --file {file}`."
        ) from error


def _official_plans(resources: list[dict[str, Any]], file: str) -> Iterator[Plan]:
    stack = _settings(_default_provider(resources))
    found = [
        resource
        for resource in resources
        # An external resource was looked up with `.get`; the stack does not manage it.
        if resource.get("type") == _OFFICIAL_TYPE and not resource.get("external")
    ]
    if not found:
        raise IncidentManagerError(f"{file} has no resource of type {_OFFICIAL_TYPE}.")
    for resource in found:
        urn, parent = resource["urn"], resource.get("parent", "")
        _plan_name(resource["id"])
        own = _settings(_provider_of(resource, resources), resource)
        yield Plan(
            name=urn.rpartition("::")[2],
            arn=resource["id"],
            parent="" if f"::{_STACK_TYPE}::" in parent else parent,
            where=own,
            aws_config={key: value for key, value in own.items() if stack.get(key) != value},
            old_urn=urn,
            protected=bool(resource.get("protect")),
            in_use=any(_depends(other, urn) for other in resources),
        )


def _depends(resource: Mapping[str, Any], urn: str) -> bool:
    return urn in (
        *(resource.get("dependencies") or ()),
        resource.get("parent"),
        resource.get("deletedWith"),
    )


def _default_provider(resources: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the pulumi-aws provider that follows the stack's `aws:` configuration."""
    for resource in resources:
        if _DEFAULT_PROVIDER.search(resource.get("urn", "")):
            return resource
    return {}


def _provider_of(
    resource: Mapping[str, Any], resources: Iterable[Mapping[str, Any]]
) -> Mapping[str, Any]:
    urn = str(resource.get("provider", "")).rpartition("::")[0]
    return next((other for other in resources if other.get("urn") == urn), {})


def _plain(resource: Mapping[str, Any], key: str) -> str | None:
    """Return an input as text; of a secret, which is an object, nothing."""
    value = (resource.get("inputs") or {}).get(key)
    return value if isinstance(value, str) else None


def _settings(
    provider: Mapping[str, Any], resource: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """Return what an `aws_config` says of the configuration of a pulumi-aws provider."""
    settings = _provider_settings(provider)
    region = _plain(resource or {}, "region") or settings.region
    role = settings.roles[-1].arn if settings.roles else None
    found = {"region": region, "profile": settings.profile, "assume_role_arn": role}
    return {key: value for key, value in found.items() if value}


def _provider_settings(provider: Mapping[str, Any]) -> Settings:
    """Return what a pulumi-aws provider says, as far as it is no secret."""
    plain = {key: _plain(provider, key) for key in ProviderKeys.__annotations__}
    values, _ = taken({key: value for key, value in plain.items() if value})
    return settings_of(values)


class Live(NamedTuple):
    """What AWS has of a plan."""

    inputs: dict[str, Any]
    """The inputs that declare it."""
    added: dict[str, Any]
    """Those that the stack adds to them."""
    owner: str
    """The owner's mark, if a stack has made the plan or taken it over."""


def _read(
    plan: Plan,
    chosen: Mapping[str, str | None],
    default_tags: Mapping[str, str],
    ignored: Sequence[str],
) -> Live:
    """Return what AWS has of a plan, as its declaration."""
    where = {**plan.where, **{key: value for key, value in chosen.items() if value}}
    if chosen["profile"]:
        where.pop("assume_role_arn", None)
    found = _found(plan.arn, {"aws_config": where} if where else {})
    shape = INCIDENTS.inputs_of("CreateResponsePlan")
    inputs: dict[str, Any] = _diff.canonical(shape, found)
    inputs = {"name": inputs.pop("name"), **inputs}
    prefixes = [key[:-1] for key in ignored if key.endswith("*")]
    tags = inputs.pop("tags", {})
    live = {key: tags[key] for key in tags if not is_ignored(key, ignored, prefixes)}
    tags = {key: value for key, value in live.items() if default_tags.get(key) != value}
    added = {key: value for key, value in default_tags.items() if key in live}
    if tags:
        inputs["tags"] = tags
    if plan.aws_config:
        inputs["aws_config"] = dict(plan.aws_config)
    owner = str(found.get("owner") or "")
    return Live(inputs, {"default_tags": added} if added else {}, owner)


def _found(arn: str, props: dict[str, Any]) -> dict[str, Any]:
    """Return what AWS has of a plan, whoever it belongs to."""
    try:
        result = ResponsePlanProvider().read(arn, {**props, CONTEXT: {"looked_up": True}})
    except NotFoundError:
        raise IncidentManagerError(
            f"{arn} does not exist: check the ARN, the account of these credentials and the region."
        ) from None
    return dict(result.outs or {})


def _stack() -> Sequence[str]:
    """Return organisation, project and name of the selected stack, or nothing without one."""
    try:
        answer = subprocess.run(
            ["pulumi", "about", "--json"],  # noqa: S607 - whichever Pulumi will import
            capture_output=True,
            check=True,
        )
        return str(json.loads(answer.stdout)["currentStack"]["fullyQualifiedName"]).split("/")
    except (OSError, subprocess.CalledProcessError, ValueError, KeyError, TypeError):
        return []


def _context(plan: Plan, stack: Sequence[str]) -> dict[str, Any]:
    """Return what the resource itself will say of its place, or a refresh would show it as new."""
    match stack:
        case [organization, project, name]:
            within = f"{plan.parent.split('::')[2]}$" if plan.parent else ""
            urn = f"urn:pulumi:{name}::{project}::{within}{_TYPE}::{plan.name}"
            return {CONTEXT: {"identity": f"{organization}/{urn}", "secrets": []}}
        case _:
            return {}


def _import_file(found: Iterable[tuple[Plan, Mapping[str, Any], str]]) -> str:
    """Return the file for `pulumi import`, in which each plan carries its own provider."""
    provider = serialize_provider(ResponsePlanProvider())
    parents: dict[str, str] = {}
    resources = []
    for plan, inputs, owner in found:
        properties = {**inputs, "__provider": provider}
        outputs = {**properties, "owner": owner} if owner else properties
        entry = {"type": _TYPE, "name": plan.old_urn or plan.name, "logicalName": plan.name}
        if plan.parent:
            parents[plan.parent] = entry["parent"] = plan.parent
        resources.append({**entry, "id": plan.arn, "inputs": properties, "outputs": outputs})
    return f"{json.dumps({'nameTable': parents, 'resources': resources}, indent=2)}\n"


def _program(declared: Iterable[tuple[Plan, Mapping[str, Any]]]) -> str:
    """Return Python code that declares the plans."""
    body, uses_pulumi = [], False
    for plan, inputs in declared:
        lines = [
            f"    {key}={_literal(value, len(key) + 5, 1)},\n" for key, value in inputs.items()
        ]
        if plan.parent:
            uses_pulumi = True
            body.append(f"# Belongs into the component {plan.parent}\n")
            lines.append("    opts=pulumi.ResourceOptions(parent=self),\n")
        body.append(f"ResponsePlan(\n    {_string(plan.name)},\n{''.join(lines)})\n")
    imports = "from pulumi_incidents.providers import ResponsePlan\n\n"
    if uses_pulumi:
        imports = f"import pulumi\n{imports}"
    return f'"""Response plans that were imported with {_IMPORT}."""\n\n{imports}{"".join(body)}'


def _literal(value: Any, column: int, depth: int) -> str:
    """Return a value as Python code, laid out as ruff and black do.

    `column` is where it starts, and `depth` how many times its line is indented.
    """
    if isinstance(value, Mapping):
        items = [(f"{_string(key)}: ", item) for key, item in value.items()]
        opening, closing = "{}"
    elif isinstance(value, (list, tuple)):
        items = [("", item) for item in value]
        opening, closing = "[]"
    else:
        return _string(value) if isinstance(value, str) else repr(value)
    short = ", ".join(key + _literal(item, -sys.maxsize, 0) for key, item in items)
    if column + len(short) + len("{},") <= _WIDTH:
        return f"{opening}{short}{closing}"
    indent = "    " * (depth + 1)
    lines = [
        f"{indent}{key}{_literal(item, len(indent + key), depth + 1)},\n" for key, item in items
    ]
    return f"{opening}\n{''.join(lines)}{'    ' * depth}{closing}"


def _string(value: str) -> str:
    """Return a string as Python code, in the quotes that need fewer escapes, or double ones."""
    text = json.dumps(value, ensure_ascii=False)  # the escapes of JSON are among Python's
    if value.count('"') <= value.count("'"):
        return text
    body = text[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{body}'"


def _write(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except OSError as error:
        raise IncidentManagerError(f"{file} cannot be written: {error.strerror}.") from error


def _next_steps(plans: Sequence[Plan], files: Sequence[Path]) -> str:
    """Say what to do, in an order in which no run of Pulumi in between deletes a plan."""
    count = "1 response plan" if len(plans) == 1 else f"{len(plans)} response plans"
    lines = [f"Read {count}; wrote {files[0]} and {files[1]}. Next:"]
    for number, (sentence, commands) in enumerate(_steps(plans, *files), start=1):
        lines += ["", f"{number}. {sentence}", *(f"     {command}" for command in commands)]
    return "\n".join(lines) + "\n"


def _told_owner(arn: str, owner: str) -> str:
    return (
        f"\n{arn} belongs to {holder(owner)}: as long as that stack has it too, its next run may "
        "delete it, so run `pulumi state delete` for it there and take it out of its program.\n"
    )


_UNTIL_THEN = (
    "Until it is there, an up is refused; do not follow Pulumi's advice to run `pulumi state "
    "unprotect` then, because the next up would delete what was imported."
)

_RETAIN = (
    "Give each aws.ssmincidents.ResponsePlan of your program the options retain_on_delete=True and "
    "protect=False, so that Pulumi will not delete it:"
)


def _steps(plans: Sequence[Plan], file: Path, code: Path) -> Iterator[tuple[str, list[str]]]:
    command = f"pulumi import --file {shlex.quote(str(file))} --generate-code=false --yes"
    take_in = ("Import; Pulumi protects what it imports until your program declares it:", [command])
    check = ("See that nothing is left to do:", ["pulumi preview --expect-no-changes"])
    replace = (
        f"Replace each aws.ssmincidents.ResponsePlan of your program by its code in {code}. "
        f"{_UNTIL_THEN}"
    )
    if not plans[0].old_urn:
        yield take_in
        yield f"Add the code in {code} to your program. {_UNTIL_THEN}", []
        yield check
    elif any(plan.in_use for plan in plans):
        # `pulumi state delete` would refuse, or forget what depends on the plan as well.
        yield f"Other resources use these plans. {_RETAIN}", ["pulumi up"]
        yield take_in
        yield replace, []
        yield "Make the stack forget the old resources; nothing is called:", ["pulumi up"]
    else:
        yield take_in
        yield (
            "Make the stack forget the old resources, which would delete the plans:",
            [
                f"pulumi state delete {shlex.quote(plan.old_urn)} --yes"
                + (" --force" if plan.protected else "")
                for plan in plans
            ],
        )
        yield replace, []
        yield check


if __name__ == "__main__":
    sys.exit(main())
