"""The local stack: the program of this folder on the real engine, against a local AWS.

`python -m tools.local up|down|show|doctor|console|env`, called by make. Everything it keeps is in
`.local`: the record, log and state of the local AWS, the state of the stack, the home of the
engine. A person's own Pulumi login and AWS account are never used.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import webbrowser
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tools import engine, local_aws, people
from tools.common import ToolError, exit_code, file_backend, locked, run_attended, say
from tools.local_aws import ROOT

if TYPE_CHECKING:
    from pathlib import Path

STACK = "local"
LOCAL = ROOT / ".local"
PLUGIN = ROOT / "pulumi_incidents" / "stand_in" / "bin" / "pulumi-resource-aws"
NOT_RUNNING = "The local AWS is not running: `make up` starts it."
MAX_PORT = 65535


def up() -> None:
    """Bring the local AWS and the stack up."""
    port = _port()
    programs = engine.ensure()
    with _alone():
        aws = _ensure_aws(port)
        settings = _settings(aws.url)
        (LOCAL / "env").write_text(_exports(settings, programs))
        env = _environment(settings, programs)
        (LOCAL / "state").mkdir(exist_ok=True)
        _add_aws_plugin()
        _unlock(env)
        _ask(env, "stack", "select", "--create", STACK)
        if _run(env, "up", "--yes", "--stack", STACK):
            raise ToolError("`pulumi up` failed; the local AWS runs on, with what was made so far.")
        outputs = _outputs(env)
    for label, name in (("Response plan", "plan_arn"), ("Incident", "incident_arn")):
        if name in outputs:
            print(f"{label:<14} {outputs[name]}")
    if "on_call_arn" in outputs:
        from pulumi_incidents.emulator.testing import LocalAws  # noqa: PLC0415 - brings boto3

        inhabited = LocalAws(aws.url)
        people.protect(inhabited)
        people.follow(inhabited, outputs["plan_arn"])
        people.tell(inhabited, outputs["on_call_arn"])
    print("Look at them   make console, or make show")
    print("Use Pulumi     . .local/env && pulumi preview")


def down() -> None:
    """Take the stack and the local AWS down."""
    with _alone():
        aws = local_aws.recorded(LOCAL)
        if aws and local_aws.is_running(aws):
            if _has_stack():
                _destroy(aws)
            local_aws.stop(LOCAL, aws)
            print("The local stack is removed, and the local AWS has ended.")
        elif aws or _has_stack():
            print("The local AWS was gone already: what the stack had made in it is removed.")
        else:
            print("Nothing is running.")
        _forget()


def show() -> None:
    """Print the live response plan and incident, as the local AWS has them."""
    aws = _running_aws()
    programs = engine.ensure()
    env = _environment(_settings(aws.url), programs)
    if not _has_stack():
        raise ToolError("There is no stack yet: `make up` makes it.")
    outputs = _outputs(env)
    if "plan_arn" not in outputs:
        raise ToolError("The stack has no response plan yet: `make up` makes it.")
    print(json.dumps(_live(env, outputs), indent=2, default=lambda value: value.isoformat()))


def doctor() -> None:
    """Check whether the local stack would work."""
    aws = _running_aws()
    if not _has_stack():
        raise ToolError("There is no stack yet: `make up` makes it.")
    env = _environment(_settings(aws.url), engine.ensure())
    command = [sys.executable, "-m", "pulumi_incidents.commands", "doctor", "--stack", STACK]
    if run_attended(command, ROOT, env):
        raise ToolError("The doctor found something, see above.")


def console() -> None:
    """Open the console of the local AWS in a browser, where there is one, and print its address."""
    address = f"{_running_aws().url}/"
    print(address, flush=True)
    webbrowser.open(address)


def env() -> None:
    """Print what a shell needs to use Pulumi, boto3 or the AWS CLI on the local stack."""
    print(_exports(_settings(_running_aws().url), engine.ensure()), end="")


def _alone() -> Any:
    return locked(LOCAL / "lock", "Another `make up` or `make down` runs here; waiting for it.")


def _port() -> int:
    text = os.environ.get("PORT") or "0"
    if not text.isdecimal() or int(text) > MAX_PORT:
        raise ToolError(f"PORT={text} is not a port: give a number up to {MAX_PORT}, or none.")
    return int(text)


def _running_aws() -> local_aws.LocalAws:
    aws = local_aws.recorded(LOCAL)
    if aws is None or not local_aws.is_running(aws):
        raise ToolError(NOT_RUNNING)
    return aws


def _ensure_aws(port: int) -> local_aws.LocalAws:
    """Return the running local AWS, or start one, with what the last one had if that is there."""
    aws = local_aws.recorded(LOCAL)
    if aws and local_aws.is_running(aws):
        if port not in (0, urlsplit(aws.url).port):
            raise ToolError(
                f"The local AWS runs at {aws.url}, not on port {port}: `make down` first."
            )
        return aws
    again = _start_again(port or _port_of(aws))
    if again is None:
        if aws or _has_stack():
            say(
                "The local AWS is gone, and with it what the stack had made: starting from nothing."
            )
        _forget()
        again = local_aws.start(LOCAL, port)
        say(f"The local AWS runs at {again.url}")
    return again


def _start_again(port: int) -> local_aws.LocalAws | None:
    """Start a local AWS that was killed with what it had, or return None if that is lost."""
    if not _has_stack() or not local_aws.state_file(LOCAL).exists():
        return None
    try:
        aws = local_aws.start(LOCAL, port)
    except local_aws.UnloadableStateError as error:
        say(str(error))
        return None
    say(f"The local AWS had ended. It runs again at {aws.url}, with what was in it.")
    return aws


def _port_of(aws: local_aws.LocalAws | None) -> int:
    """Return the port that a local AWS had, which is in the URLs of queues, if it is free."""
    port = aws and urlsplit(aws.url).port
    return port if port and local_aws.is_free(port) else 0


def _forget() -> None:
    """Drop what has no meaning without the local AWS that it speaks of."""
    shutil.rmtree(LOCAL / "state", ignore_errors=True)
    (LOCAL / "env").unlink(missing_ok=True)
    local_aws.forget(LOCAL)


def _settings(url: str) -> dict[str, str]:
    none = os.devnull
    bypass = ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1"]))
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
        "AWS_CONFIG_FILE": none,  # no profile of a real account
        "AWS_SHARED_CREDENTIALS_FILE": none,
        "NO_PROXY": bypass,
        "no_proxy": bypass,
        "PULUMI_BACKEND_URL": file_backend(LOCAL / "state"),
        "PULUMI_CONFIG_PASSPHRASE": "local",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_HOME": str(LOCAL / "pulumi"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def _search_path(programs: Path) -> str:
    # The virtual environment first: the stand-in of the aws plugin takes the first Python there.
    return os.pathsep.join(map(str, (ROOT / ".venv" / "bin", programs)))


def _add_aws_plugin() -> None:
    """Put the stand-in for the aws plugin where the engine keeps plugins.

    On PATH it would be found too, with a warning at every step.
    """
    plugin = LOCAL / "pulumi" / "plugins" / f"resource-aws-v{version('pulumi_aws')}" / PLUGIN.name
    plugin.parent.mkdir(parents=True, exist_ok=True)
    plugin.write_text(f'#!/bin/sh\nexec {shlex.quote(str(PLUGIN))} "$@"\n')
    plugin.chmod(0o755)


def _environment(settings: dict[str, str], programs: Path) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    mine.pop("PULUMI_CONFIG_PASSPHRASE_FILE", None)
    path = os.pathsep.join([_search_path(programs), os.environ.get("PATH", os.defpath)])
    return {**mine, **settings, "PATH": path}


def _exports(settings: dict[str, str], programs: Path) -> str:
    lines = [
        "# Pulumi and AWS of this clone's local stack, for this shell only: . .local/env",
        "unset PULUMI_CONFIG_PASSPHRASE_FILE $(env | sed -n 's/^\\(AWS_[A-Z0-9_]*\\)=.*/\\1/p')",
        f'export PATH={shlex.quote(_search_path(programs))}:"$PATH"',
    ]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in settings.items()]
    return "\n".join(lines) + "\n"


def _has_stack() -> bool:
    return any((LOCAL / "state" / ".pulumi" / "stacks").rglob(f"{STACK}.json"))


def _unlock(env: dict[str, str]) -> None:
    """Free the stack when the pulumi that locked it was killed."""
    locks = list((LOCAL / "state" / ".pulumi" / "locks").rglob("*.json"))
    if locks and not any(_is_held(lock) for lock in locks):
        _ask(env, "cancel", "--yes", "--stack", STACK)
        say("A `pulumi` that was killed had left the stack locked: unlocked it.")


def _is_held(lock: Path) -> bool:
    try:
        holder = json.loads(lock.read_text())
        pid, host = int(holder["pid"]), holder["hostname"]
    except (OSError, ValueError, KeyError, TypeError):
        return False  # killed while it wrote the lock, or just done
    return host != socket.gethostname() or local_aws.is_alive(pid)


def _destroy(aws: local_aws.LocalAws) -> None:
    env = _environment(_settings(aws.url), engine.ensure())
    _unlock(env)
    if _run(env, "destroy", "--yes", "--stack", STACK):
        raise ToolError("`pulumi destroy` failed: the local AWS and the stack are kept.")
    # Without --preserve-config it would delete Pulumi.local.yaml.
    _ask(env, "stack", "rm", "--yes", "--preserve-config", STACK)


def _outputs(env: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = json.loads(_ask(env, "stack", "output", "--json", "--stack", STACK))
    return found


def _live(env: dict[str, str], outputs: dict[str, str]) -> dict[str, Any]:
    import boto3  # noqa: PLC0415 - half a second that the other commands need not spend
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - the same

    os.environ.clear()  # boto3 would read a profile named there before any argument
    os.environ.update(env)
    client = boto3.client("ssm-incidents")
    found: dict[str, Any] = {}
    try:
        plan = client.get_response_plan(arn=outputs["plan_arn"])
        found["responsePlan"] = {k: v for k, v in plan.items() if k != "ResponseMetadata"}
        if "incident_arn" in outputs:
            record = client.get_incident_record(arn=outputs["incident_arn"])
            found["incidentRecord"] = record["incidentRecord"]
    except (BotoCoreError, ClientError) as error:
        raise ToolError(f"The local AWS does not have what the stack says: {error}") from error
    return found


def _run(env: dict[str, str], *arguments: str) -> int:
    """Run pulumi at this terminal. After Ctrl-C it saves its state."""
    return run_attended(_pulumi(env, arguments), ROOT, env)


def _ask(env: dict[str, str], *arguments: str) -> str:
    """Run pulumi for its answer."""
    command = [*_pulumi(env, arguments), "--non-interactive"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - the engine
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise ToolError(f"`pulumi {' '.join(arguments)}` failed: {lines[-1]}")
    return done.stdout


def _pulumi(env: dict[str, str], arguments: tuple[str, ...]) -> list[str]:
    program = shutil.which("pulumi", path=env["PATH"])
    if program is None:
        raise ToolError("`pulumi` has disappeared from the engine's folder: run this again.")
    return [program, *arguments]


def main(arguments: list[str]) -> int:
    """Run one command."""
    commands = {
        "up": up,
        "down": down,
        "show": show,
        "doctor": doctor,
        "console": console,
        "env": env,
    }
    if len(arguments) != 1 or arguments[0] not in commands:
        say(f"usage: python -m tools.local {'|'.join(commands)}")
        return 2
    return exit_code(commands[arguments[0]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
