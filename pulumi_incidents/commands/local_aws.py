"""`pulumi-incidents local-aws`: the local AWS, which is an extra and may not be installed."""

from __future__ import annotations

from pulumi_incidents.commands._handed import handed
from pulumi_incidents.identity.errors import IncidentManagerError

try:
    from pulumi_incidents.emulator import __main__ as emulator
except ModuleNotFoundError as missing:
    raise IncidentManagerError(
        f"The local AWS needs {missing.name}, which is not installed: run "
        "`pip install '/path/to/clone/of/pulumi-incidents[emulator]'`."
    ) from missing

_NAME = "pulumi-incidents local-aws"


def _run(words: list[str]) -> int:
    return emulator.main(words, _NAME)


main = handed(emulator.parser(_NAME), _run)
