"""moto's CloudFormation, which makes nothing of a type that it does not know, and tells success.

Here such a template is refused as AWS refuses a type that is none, and a stack of which something
fails is rolled back (*Stack failure options* in the CloudFormation user guide).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException

if TYPE_CHECKING:
    from collections.abc import Callable

# moto's services through which templates come in: only they need what is loaded here.
SERVICES = ("cloudformation", "servicecatalog")
_CUSTOM = "Custom::"
# What is nothing on AWS either.
_NOTHING = ("AWS::CDK::Metadata",)


@functools.cache
def connect() -> None:
    """Mind the types of templates from now on; a second time changes nothing."""
    # Loaded when needed: it brings half of moto's services along, which is most of a start's time.
    from moto.cloudformation.models import Stack  # noqa: PLC0415
    from moto.cloudformation.parsing import ResourceMap  # noqa: PLC0415

    ResourceMap.load = _checking_own(ResourceMap.load)  # type: ignore[method-assign,assignment]
    for name in ("update", "build_change_set_actions"):
        setattr(ResourceMap, name, _checking_given(getattr(ResourceMap, name)))
    Stack.create_resources = _rolling_back(Stack.create_resources)  # type: ignore[method-assign,assignment]


def _checking_own(load: Callable[[Any], None]) -> Callable[[Any], None]:
    @functools.wraps(load)
    def checked(resources: Any) -> None:
        _check(resources._template)  # noqa: SLF001 - moto has no other way to it
        load(resources)

    return checked


def _checking_given(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def checked(resources: Any, template: dict[str, Any], *more: Any) -> Any:
        _check(template)
        return method(resources, template, *more)

    return checked


def _check(template: dict[str, Any]) -> None:
    from moto.cloudformation.exceptions import ValidationError  # noqa: PLC0415
    from moto.cloudformation.parsing import NULL_MODELS, get_model_map  # noqa: PLC0415

    declared = {each.get("Type") for each in template.get("Resources", {}).values()}
    known = get_model_map().keys() | {*NULL_MODELS, *_NOTHING}
    unknown = sorted(str(t) for t in declared - known if not str(t).startswith(_CUSTOM))
    if unknown:
        raise ValidationError(
            message=f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]. "
            "The local AWS does not have them: leave them out of what you run here."
        )


def _rolling_back(create: Callable[[Any], None]) -> Callable[[Any], None]:
    @functools.wraps(create)
    def rolled_back(stack: Any) -> None:
        try:
            create(stack)
        except ServiceException as error:
            note = stack._add_stack_event  # noqa: SLF001
            note("ROLLBACK_IN_PROGRESS", resource_status_reason=error.message)
            stack.resource_map.delete()
            # moto makes whatever is asked about: it would try again with each look at the stack.
            stack.resource_map._resource_json_map = {}  # noqa: SLF001
            stack.output_map._output_json_map = {}  # noqa: SLF001
            stack.status = "ROLLBACK_COMPLETE"
            note("ROLLBACK_COMPLETE")

    return rolled_back
