"""Import of response plans that exist already, and `ResponsePlan.get`.

Real: the command as a process of its own, the Pulumi engine, its plugin processes, the local AWS.
The official provider is only in the state: entries as pulumi-aws writes them, put there by hand.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import sys

import pytest

from pulumi_incidents.providers import import_file
from pulumi_incidents.providers._import import kinds, things
from tests.declarations import full, live_form
from tests.importing import (
    IMPORT,
    SECRET,
    adopt_state,
    blocks,
    declare,
    follow,
    official,
    provider,
    run,
    untouched,
    write,
)
from tests.program import EngineError, Program

# The plans of `declarations` name topics, and AWS tries them.
pytestmark = pytest.mark.usefixtures("topics")

ARN = "arn:aws:ssm-incidents::123456789012:response-plan/"


@pytest.fixture
def program(tmp_path, stack_environment):
    """Return a stack of an empty program."""
    program = Program(tmp_path / "program", stack_environment, "")
    program.configure(**{"aws:region": "us-east-1"})
    return program


@pytest.fixture
def plan(incidents, name, local_aws):
    """Return the ARN of a plan with every field that somebody else made."""
    declared = full(name)
    declared["incident_template"]["impact"] = 1
    arn = incidents.create_response_plan(**live_form(declared), tags=declared["tags"])["arn"]
    local_aws.forget()
    return arn


@pytest.fixture
def documented_plan(incidents, name, local_aws):
    """Return the ARN of the plan in the walk-through, under another name."""
    arn = incidents.create_response_plan(
        name=name,
        displayName="Checkout, first response",
        incidentTemplate={"title": "Checkout is failing", "impact": 2},
        engagements=["arn:aws:ssm-contacts:us-east-1:123456789012:contact/oncall"],
        tags={"team": "payments"},
    )["arn"]
    local_aws.forget()
    return arn


@pytest.mark.usefixtures("documented_plan")
def test_the_walk_through_of_an_existing_plan_does_what_it_says(program, local_aws, name):
    """Each command prints what the document shows; in the end all agree and AWS was only read."""
    follow(program, "A plan that no program manages", name)
    assert program.state()[name]["protect"] is True
    program.up()
    assert not program.state()[name].get("protect")
    assert untouched(local_aws)


def test_the_walk_through_from_the_official_provider_does_what_it_says(
    program, local_aws, documented_plan, name
):
    """Each command prints what the document shows; the plan changes hands and AWS was only read."""
    adopt_state(program, official(documented_plan, name))
    follow(program, "A plan of aws.ssmincidents.ResponsePlan", name)
    program.up()
    assert [resource["type"] for resource in program.state().values() if "id" in resource] == [
        "pulumi:providers:pulumi-python",
        "pulumi-python:dynamic/ssmincidents:ResponsePlan",
    ]
    assert untouched(local_aws)


def test_every_field_survives_and_later_changes_are_ordinary_updates(
    program, local_aws, incidents, plan, name
):
    """A plan with every field is imported without a difference; one edit is then one update."""
    write(program, plan)
    program.run(*IMPORT)
    declare(program)
    program.settled()
    program.up()
    assert untouched(local_aws)
    code = program.folder / "imported.py"
    code.write_text(code.read_text().replace('"impact": 1', '"impact": 4'))
    assert program.preview()[name] == "update"
    program.up()
    assert incidents.get_response_plan(arn=plan)["incidentTemplate"]["impact"] == 4
    changes = [entry["operation"] for entry in local_aws.requests() if entry["mutating"]]
    assert changes == ["UpdateResponsePlan", "TagResource"], "from then on it has its mark"


def test_an_imported_plan_outlives_an_up_before_its_code_is_there(program, local_aws, plan):
    """Between import and code, an `up` ends with an error and deletes nothing.

    Pulumi then advises what the command and its page say not to do; they say how to take it back.
    """
    write(program, plan)
    program.run(*IMPORT)
    with pytest.raises(EngineError, match="protected") as refused:
        program.up()
    advice = shlex.split(re.search(r"pulumi (state unprotect [^\s`]+)", str(refused.value))[1])
    program.run(*advice, "--yes")
    program.run("state", "protect", advice[-1], "--yes")
    with pytest.raises(EngineError, match="protected"):
        program.up()
    declare(program)
    program.up()
    assert untouched(local_aws)


def test_an_imported_plan_can_be_given_up_again(program, local_aws, plan, name):
    """The stack forgets what it has imported, protected or not, and AWS keeps it."""
    write(program, plan)
    program.run(*IMPORT)
    program.run("state", "delete", program.state()[name]["urn"], "--force", "--yes")
    program.up()
    assert untouched(local_aws)


def test_tags_of_the_stack_are_not_repeated_in_the_code(program, local_aws, incidents, plan):
    """With the stack's default and ignored tags named, the code has the plan's own alone."""
    others = {"audit": "x", "finance:center": "42"}
    incidents.tag_resource(resourceArn=plan, tags={"stage": "prod", "cost": "own", **others})
    local_aws.forget()
    tags = {"stage": "prod", "cost": "default"}
    ignored = {"keys": ["audit"], "keyPrefixes": ["finance:"]}
    program.configure(
        **{
            "aws:region": "us-east-1",
            "aws:defaultTags": {"tags": tags},
            "aws:ignoreTags": ignored,
        }
    )
    told = ("--default-tag", "stage=prod", "--default-tag", "cost=default")
    write(program, plan, *told, "--ignore-tag", "audit", "--ignore-tag", "finance:*")
    code = (program.folder / "imported.py").read_text()
    assert '"cost": "own"' in code
    assert not any(word in code for word in ("stage", "audit", "finance"))
    program.run(*IMPORT)
    declare(program)
    program.up()
    assert untouched(local_aws)


COMPONENT = """
import pulumi
from pulumi_incidents.providers import ResponsePlan

class Team(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("shop:index:Team", name)
{body}

Team("payments")
"""


def component(program):
    """Return the source of a component with the generated code in its `__init__`."""
    code = (program.folder / "imported.py").read_text()
    body = code.partition("import ResponsePlan\n")[2].strip()
    return COMPONENT.format(body="\n".join(f"        {line}" for line in body.splitlines()))


def test_a_plan_of_a_component_is_imported_into_it(program, local_aws, plan, name):
    """With `--parent`, the plan becomes a child of the component, and nothing is left to do."""
    declare(program, COMPONENT.format(body=""))
    program.up(settled=False)
    parent = program.state()["payments"]["urn"]
    write(program, plan, "--parent", parent)
    program.run(*IMPORT)
    declare(program, component(program))
    program.up()
    assert program.state()[name]["parent"] == parent
    assert untouched(local_aws)


def test_what_the_state_knows_of_an_official_plan_is_kept(program, local_aws, incidents, plan):
    """Parent, resource name, default tags and a provider of its own come along; no secret does."""
    incidents.tag_resource(resourceArn=plan, tags={"stage": "prod"})
    declare(program, COMPONENT.format(body=""))
    tags = {"tags": {"stage": "prod"}}
    program.configure(**{"aws:region": "us-east-1", "aws:defaultTags": tags})
    program.up(settled=False)
    parent = program.state()["payments"]["urn"]
    adopt_state(
        program,
        provider("ireland", {"region": "eu-west-1", "secretKey": SECRET}),
        official(plan, "main", parent=parent, provider="ireland", protect=True),
        provider_inputs={"defaultTags": json.dumps(tags)},
    )
    local_aws.forget()
    program.run("stack", "export", "--file", "exported.json")
    printed = write(program, "--from-state", "exported.json")
    code = (program.folder / "imported.py").read_text()
    assert 'aws_config={"region": "eu-west-1"}' in code
    assert "stage" not in code
    assert SECRET not in printed + code + (program.folder / "import.json").read_text()
    program.run(*IMPORT)
    (forget,) = re.findall(r"^ +pulumi (state delete .*)", printed, re.MULTILINE)
    program.run(*shlex.split(forget))
    declare(program, component(program))
    program.up()
    assert program.state()["main"]["parent"] == parent
    assert untouched(local_aws)


USED = """
import pulumi
from pulumi_incidents.providers import Incident, ResponsePlan
{plan}
Incident("drill", response_plan_arn=plan.arn, impact=5)
"""


def test_a_plan_that_others_use_is_retained_and_then_forgotten(program, local_aws, plan, name):
    """Where a resource depends on the old one, the printed steps leave both it and AWS alone."""
    declare(program, USED.format(plan=f'plan = ResponsePlan.get("old", "{plan}")'))
    program.up(settled=False)
    old = official(plan, name, retainOnDelete=True)
    adopt_state(program, old)
    depend_on(program, old["urn"])
    local_aws.forget()
    program.run("stack", "export", "--file", "exported.json")
    printed = write(program, "--from-state", "exported.json")
    assert "retain_on_delete=True" in printed
    assert "do not follow Pulumi's advice to run `pulumi state unprotect`" in printed
    assert "state delete" not in printed
    with pytest.raises(EngineError, match="depend"):
        program.run("state", "delete", old["urn"], "--yes")
    program.run(*IMPORT)
    code = (program.folder / "imported.py").read_text()
    declare(program, USED.format(plan=code.replace("\nResponsePlan(", "\nplan = ResponsePlan(")))
    program.up()
    assert old["urn"] not in [resource["urn"] for resource in program.state().values()]
    assert untouched(local_aws)


def depend_on(program, urn):
    """Let the incident in the state depend on the resource with this URN, and on no other."""
    exported = json.loads(program.run("stack", "export"))
    resources = exported["deployment"]["resources"]
    drill = next(resource for resource in resources if resource["urn"].endswith("::drill"))
    resources.remove(drill)
    drill["dependencies"] = drill["propertyDependencies"]["response_plan_arn"] = [urn]
    exported["deployment"]["resources"] = [*resources, drill]
    state = program.folder.parent / "state.json"
    state.write_text(json.dumps(exported))
    program.run("stack", "import", "--file", str(state))


def test_several_plans_take_one_run_and_names_stay_unique(program, local_aws, incidents, name):
    """A repeated ARN counts once, each plan is two reads, and any text comes back as it was."""
    text = "He said \"it's\"\n\\ tab\t “ü” \x7f\u2028 'x' " + "long " * 30
    template = {"title": 'Say "it" isn\'t', "impact": 3, "summary": text}
    arns = [
        incidents.create_response_plan(name=f"{name}-{index}", incidentTemplate=template)["arn"]
        for index in range(2)
    ]
    local_aws.forget()
    write(program, *arns, arns[0])
    assert local_aws.operations() == ["GetResponsePlan", "ListTagsForResource"] * 2
    code = program.folder / "imported.py"
    calls = [node.value for node in ast.parse(code.read_text()).body if isinstance(node, ast.Expr)]
    first, second = (
        {k.arg: ast.literal_eval(k.value) for k in call.keywords} for call in calls[1:]
    )
    assert first == {"name": f"{name}-0", "incident_template": template}
    assert second == {"name": f"{name}-1", "incident_template": template}
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--check", str(code)], check=True
    )
    program.run(*IMPORT)
    declare(program)
    program.run("preview", "--expect-no-changes")
    assert untouched(local_aws)


def test_plans_of_one_name_get_resources_of_two():
    """Plans of two accounts may share a name; their resources do not."""
    arns = [f"arn:aws:ssm-incidents::{account:012}:response-plan/a" for account in (1, 2)]
    found = [things.Found(things.Wanted(kinds.RESPONSE_PLAN, arn), {"name": "a"}) for arn in arns]
    assert [each.name for each in things.named(found)] == ["a", "a-2"]


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Return the working directory, in which there are files that are not what they should be."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.json").write_text(SECRET)
    (tmp_path / "list.json").write_text('{"deployment": {"resources": ["x"]}}')
    (tmp_path / "empty.json").write_text('{"version": 3, "deployment": {}}')
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/imported.py").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Name an ARN or --from-state FILE; not both."),
        ((f"{ARN}a", "--from-state", "state.json"), "not both."),
        (("checkout",), "checkout is not the ARN of a response plan, a replication set, a con"),
        (("arn:aws:ssm-incidents::123456789012:incident-record/a/b",), "is not the ARN of a resp"),
        (("--from-state", "none.json"), "none.json cannot be read: No such file or directory."),
        (("--from-state", "text.json"), "text.json is not a state: write one with `pulumi stack"),
        (("--from-state", "list.json"), "list.json is not a state"),
        (
            ("--from-state", "empty.json"),
            "empty.json has none of the resources that are taken over: aws.",
        ),
        ((f"{ARN}a", "--whole", "--from-state", "x"), "not both."),
        (("--whole", "--from-state", "empty.json"), "--whole goes with ARNs: a state says itself"),
        ((f"{ARN}a", "--output", "none"), "none is not a folder: make it first."),
        ((f"{ARN}a", "--output", "taken"), "taken/imported.py exists: move it away or"),
        ((f"{ARN}a", "--default-tag", "team"), "--default-tag team must be KEY=VALUE."),
    ],
)
def test_a_mistake_is_one_sentence_before_anything_is_called(
    capsys, local_aws, folder, arguments, sentence
):
    """What is wrong with the arguments is said at once, with exit code 1 and no file written."""
    before = sorted(folder.rglob("*"))
    local_aws.forget()
    assert import_file.main(arguments) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ")
    assert sentence in printed.err
    assert (printed.err.count("\n"), printed.out) == (1, "")
    assert SECRET not in printed.err
    assert sorted(folder.rglob("*")) == before
    assert local_aws.operations() == []


@pytest.mark.parametrize(
    ("without", "options", "sentence"),
    [
        ((), (), f"error: {ARN}none does not exist: check the ARN, the account of these creden"),
        (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), (), "there are no AWS credentials"),
        (("AWS_REGION",), (), "no region is set"),
        ((), ("--profile", "nobody"), "The config profile (nobody) could not be found"),
    ],
)
def test_what_stops_a_read_is_one_sentence(stack_environment, tmp_path, without, options, sentence):
    """A missing plan, missing credentials, region or profile show no traceback."""
    environment = {key: stack_environment[key] for key in stack_environment.keys() - set(without)}
    environment |= {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path)}
    done = run(tmp_path, environment, f"{ARN}none", *options)
    assert sentence in done.stderr
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert not (tmp_path / "import.json").exists()


def test_region_and_profile_can_be_given(stack_environment, tmp_path, plan, local_aws):
    """The shared files and the options of the command are honoured as in every AWS tool."""
    shared = tmp_path / "credentials"
    shared.write_text("[audit]\naws_access_key_id = test\naws_secret_access_key = test\n")
    kept = stack_environment.keys() - {"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    environment = {key: stack_environment[key] for key in kept}
    environment |= {"AWS_SHARED_CREDENTIALS_FILE": str(shared), "AWS_EC2_METADATA_DISABLED": "true"}
    done = run(tmp_path, environment, plan, "--profile", "audit", "--region", "us-east-1")
    assert done.returncode == 0, done.stderr
    assert "aws_config" not in (tmp_path / "imported.py").read_text()
    assert local_aws.operations() == ["GetResponsePlan", "ListTagsForResource"]


EXPORTS = """
import pulumi
pulumi.export("arn", plan.arn)
pulumi.export("title", plan.incident_template["title"])
pulumi.export("tags", plan.tags)
"""


def test_a_plan_that_was_looked_up_is_never_changed_nor_deleted(
    program, local_aws, incidents, plan
):
    """`ResponsePlan.get` shows the live plan, its ARN known in previews, and leaves it alone."""
    (_, source), _ = blocks("What something else keeps managing")
    declare(program, source.replace(f"{ARN}checkout", plan) + EXPORTS)
    program.run("preview")
    assert local_aws.operations() == ["GetResponsePlan", "ListTagsForResource"]
    outputs = program.up()
    assert outputs == {"arn": plan, "title": "Checkout fails", "tags": full("x")["tags"]}
    incidents.update_response_plan(arn=plan, incidentTemplateTitle="Edited")
    local_aws.forget()
    assert program.up()["title"] == "Edited"
    assert untouched(local_aws)
    program.destroy()
    changes = [entry["operation"] for entry in local_aws.requests() if entry["mutating"]]
    assert not any("ResponsePlan" in operation for operation in changes)
    assert incidents.get_response_plan(arn=plan)["incidentTemplate"]["title"] == "Edited"


def test_what_is_secret_of_a_plan_that_was_looked_up_stays_so_in_the_state(program, plan):
    """AWS does not know what is a secret elsewhere, so the option names it, and it is encrypted."""
    declare(
        program,
        "import pulumi\nfrom pulumi_incidents.providers import ResponsePlan\n"
        "secret = ['incident_template', 'display_name']\n"
        "opts = pulumi.ResourceOptions(additional_secret_outputs=secret)\n"
        f"ResponsePlan.get('theirs', '{plan}', opts)\n",
    )
    program.up(settled=False)
    state = program.run("stack", "export")
    assert "Checkout fails" not in state
    assert full("x")["display_name"] not in state
    assert plan in state


def test_looking_up_a_plan_that_does_not_exist_is_one_sentence(program, incidents):
    """A wrong ARN is found in the preview, not in an incident."""
    (_, source), _ = blocks("What something else keeps managing")
    declare(program, source.replace(f"{ARN}checkout", f"{ARN}none"))
    with pytest.raises(EngineError, match="response plan none") as failed:
        program.run("preview")
    assert "Traceback" not in str(failed.value)
    assert incidents.list_response_plans()["responsePlanSummaries"] == []
