"""Random walks of stacks, people and faults around one Incident Manager, and what has to hold.

A walk is made of a seed, so that it can be walked again. Whoever drives the stacks, the engine or
the providers in its order, extends `Stack` by `up`, `refresh`, `destroy` and `rename_and_init`.
"""

from __future__ import annotations

import copy
import itertools
import re

REFUSED_PLAN = "nothing proves that this resource made it"
REFUSED_INCIDENT = "was started under this name"
REFRESH = "run `pulumi refresh`"
BOTH_NAMES = "is that of the resources"
# Calls that a page may wait for: in the quiet case one, and with faults, lag and lives of old more.
MOST_CALLS = 25


class Stack:
    """A stack, and what is in its state."""

    def __init__(self, name, local_aws, chance):
        self.name = name
        self.local_aws, self.chance = local_aws, chance
        self.state = {"plans": {}, "incidents": {}}  # resource -> (id, outputs)
        self.recorded = set()

    def plans(self):
        """Return the names of the plans in the state, by resource."""
        return {key: arn.rpartition("/")[2] for key, (arn, _) in self.state["plans"].items()}

    def incidents(self):
        """Return the ARNs of the incidents in the state, by resource."""
        return {key: arn for key, (arn, _) in self.state["incidents"].items()}

    def triggers(self):
        """Return for which triggers the incidents in the state were started, by resource."""
        return {key: outs["triggers"]["n"] for key, (_, outs) in self.state["incidents"].items()}

    def marks(self):
        """Return the owner's marks of the plans in the state."""
        return {outs.get("owner") for _, outs in self.state["plans"].values()}

    def ever(self):
        """Return every incident that ever was in the state."""
        return self.recorded


class Walk:
    """Two people with a backend each, whose stacks and resources have the same names."""

    def __init__(self, chance, local_aws, stacks):
        self.chance = chance
        self.local_aws = local_aws
        self.incidents = local_aws.client("ssm-incidents")
        self.stacks = stacks
        self.declared = {stack: {"plans": {}, "incidents": {}} for stack in stacks}
        self.settled = dict.fromkeys(stacks, True)  # whether the last `up` went through
        self.holders = {}  # plan name -> the stack that has it
        self.occurrences = itertools.count()
        self.calls = 0
        self.told = []
        self.known = {}  # what AWS has, until somebody may have changed it
        self.theirs = self.incidents.create_response_plan(
            name="theirs", incidentTemplate={"title": "theirs", "impact": 5}
        )["arn"]

    def step(self):
        """Do one thing, and look at everything."""
        stack = self.chance.choice(self.stacks)
        actions = [self.change] * 5 + [self.destroy, self.people, self.people, self.rename]
        action = self.chance.choice(actions)
        self.told.append(f"{action.__name__} {stack}")
        action(stack)
        self.check()

    # What stacks do

    def change(self, stack):
        """Declare something else, and bring it up: undisturbed, or as a bad day has it."""
        declared = self.declared[stack] = copy.deepcopy(self.declared[stack])
        for resource in ("a", "b"):
            if self.chance.random() < 0.6:
                self._change_plan(declared["plans"], resource)
        for resource in ("x", "y"):
            if self.chance.random() < 0.5:
                self._change_incident(declared["incidents"], resource)
        trouble = self.chance.choice(["", "neighbour", "kill", "kill", "lost", "error", "lag"])
        before, owed = self.records(), self._owed(stack)
        self.bring(stack, trouble)
        if self.chance.random() < 0.5:
            for arn, status in self.records().items():
                if status == "OPEN" and arn not in before:
                    self.incidents.update_incident_record(arn=arn, status="RESOLVED")
            self.known.clear()
        self.bring(stack)
        new = self.records().keys() - before.keys()
        assert len(new) == len(owed), f"{len(new)} pages for {len(owed)} occurrences ({trouble})"

    def _change_plan(self, plans, resource):
        how = self.chance.choice(["new", "new", "edit", "drop", "move", "rename"])
        other = "b" if resource == "a" else "a"
        if how == "drop" or (how == "edit" and resource not in plans):
            plans.pop(resource, None)
        elif how == "edit":
            plans[resource]["impact"] = self.chance.randint(1, 5)
        elif how == "move" and resource in plans and other not in plans:
            plans[other] = {**plans.pop(resource), "adopt": True}  # without an alias
        elif how == "rename" and resource in plans and other not in plans:
            plans[other] = {**plans.pop(resource), "alias": resource}
        else:
            name = self.chance.choice([None, "shop", "till"])
            taken = [plan["name"] for key, plan in plans.items() if key != resource]
            if name not in taken or name is None:
                adopt = name is not None and self.chance.random() < 0.2
                plans[resource] = {"name": name, "impact": 1, "adopt": adopt, "alias": None}

    def _change_incident(self, incidents, resource):
        title = f"Title {self.chance.randrange(3)}"
        if resource not in incidents:
            incidents[resource] = {"triggers": 0, "title": title, "adopt": False}
            return
        match self.chance.choice(["again", "edit", "drop"]):
            case "again":
                incidents[resource]["triggers"] = self.chance.randrange(2)
            case "edit":
                incidents[resource]["title"] = title
            case "drop":
                del incidents[resource]

    def _owed(self, stack):
        """Return the incidents for which the next `up` of a stack has to page somebody."""
        incidents, known = self.declared[stack]["incidents"], stack.triggers()
        return [key for key in incidents if incidents[key]["triggers"] != known.get(key, "none")]

    def bring(self, stack, trouble=""):
        """Bring a stack up; without trouble, take the explicit steps that it asks for."""
        before, pages = self.plans(), self.pages()
        self.local_aws.forget()
        said = stack.up(self.declared[stack], trouble)
        self.known.clear()
        self._count_calls(pages)
        for _ in range(4):
            if not said or trouble:
                break
            self._explicit_step(stack, said)
            before, pages = self.plans(), self.pages()
            self.local_aws.forget()
            said = stack.up(self.declared[stack], "")
            self.known.clear()
            self._count_calls(pages)
        assert trouble or not said, said
        self.settled[stack] = not said
        self._nothing_of_others(stack, before)
        for name in stack.plans().values():
            self.holders.setdefault(name, stack)
            if self._mark(name) in stack.marks():
                self.holders[name] = stack

    def _explicit_step(self, stack, said):
        """Do what the sentence says; a plan that another stack has is left to it."""
        declared = self.declared[stack]
        if REFUSED_PLAN in said or BOTH_NAMES in said:
            named = next(
                name for name in self.plans() if f"/{name} " in said or f"'{name}'" in said
            )
            free = BOTH_NAMES not in said and self.holders.get(named) in (None, stack)
            for resource, plan in declared["plans"].items():
                wanted = plan["name"] == named or (
                    not plan["name"] and named.rpartition("-")[0] == resource
                )
                if not wanted or stack.plans().get(resource) == named:
                    continue
                if free:
                    plan["adopt"] = True
                else:
                    plan["name"] = f"{resource}-{next(self.occurrences)}"
        elif REFUSED_INCIDENT in said or "is not listed" in said:
            known = [arn for other in self.stacks for arn in other.ever()]
            lost = not any(arn in said for arn in known)
            # The engine names whom it is about, and may have given up others that are started.
            named = set(re.findall(r"Incident \((\w+)\):", said)) or {*declared["incidents"]}
            for resource, incident in declared["incidents"].items():
                if resource in named and resource not in stack.incidents():
                    if REFUSED_INCIDENT in said and lost:
                        incident["adopt"] = True
                    else:
                        incident["triggers"] = f"other-{next(self.occurrences)}"
        elif REFRESH in said:
            assert not stack.refresh()
            self.known.clear()
        else:
            raise AssertionError(said)

    def destroy(self, stack):
        """Destroy a stack: only its own goes."""
        before = self.plans()
        self.declared[stack] = {"plans": {}, "incidents": {}}
        said = stack.destroy()
        self.known.clear()
        assert not said, said
        self.settled[stack] = True
        self._nothing_of_others(stack, before)
        assert stack.plans() == stack.incidents() == {}

    def rename(self, stack):
        """Give the stack another name, and a new and empty stack the old one."""
        if len(self.stacks) > 3:
            return
        new = stack.rename_and_init(f"renamed-{next(self.occurrences)}")
        self.stacks.append(new)
        self.declared[new], self.settled[new] = {"plans": {}, "incidents": {}}, True

    def people(self, _stack):
        """Resolve, retitle or delete a record, as responders do; a refresh takes it in."""
        records = self.records()
        if not records:
            return
        arn = self.chance.choice(sorted(records))
        match self.chance.choice(["resolve", "retitle", "delete"]):
            case "resolve":
                self.incidents.update_incident_record(arn=arn, status="RESOLVED")
            case "retitle":
                self.incidents.update_incident_record(arn=arn, title="People's title")
            case "delete":
                self.incidents.delete_incident_record(arn=arn)
        self.known.clear()

    # What has to hold

    def check(self):
        """Hold what is promised: nothing missing, nothing of others changed, one page each."""
        live = self.plans()
        assert live["theirs"] == {"title": "theirs", "impact": 5}, "somebody else's plan changed"
        seen = {}
        for stack in self.stacks:
            if not self.settled[stack]:
                continue
            for resource, plan in self.declared[stack]["plans"].items():
                name = stack.plans()[resource]
                if self.holders[name] is stack:
                    assert name in live, f"{name} of {stack} is missing"
                    assert live[name]["impact"] == plan["impact"], f"{name} is not as declared"
            for arn in stack.incidents().values():
                assert seen.setdefault(arn, stack) is stack, f"{arn} is in two states"
            ours = stack.incidents().values()
            assert len(ours) == len(set(ours)), "two resources have one incident"
            assert set(self.declared[stack]["incidents"]) == set(stack.incidents())
            open_now = {arn for arn, status in self.records().items() if status == "OPEN"}
            assert not (stack.ever() - set(ours)) & open_now, "an incident was lost"
        if all(self.settled.values()):
            known = {arn for stack in self.stacks for arn in stack.ever()}
            assert set(self.records()) <= known, "people were paged for what nobody knows of"

    def _nothing_of_others(self, stack, before):
        """Plans of others are as they were; those that were adopted are no longer theirs."""
        live = self.plans()
        for name, was in before.items():
            holder = self.holders.get(name)
            adopted = self._mark(name) in stack.marks()
            if holder not in (None, stack) and not adopted:
                assert live.get(name) == was, f"{stack} changed {name} of {holder}"

    def _count_calls(self, pages):
        """Count what came before each page of this run."""
        asked = self.local_aws.operations()
        new = self.pages() - pages
        starts = [place for place, operation in enumerate(asked) if operation == "StartIncident"]
        if new == 1 and starts:
            self.calls = max(self.calls, self.calls_before(asked, starts))
        assert self.calls <= MOST_CALLS, asked

    @staticmethod
    def calls_before(asked, starts):
        """Return the calls of the create up to its last start, after the list it begins with."""
        last = starts[-1]
        lists = [place for place in range(last) if asked[place] == "ListIncidentRecords"]
        return last - (lists[-1] if lists else last)

    # What AWS has

    def plans(self):
        """Return what is told of all live plans, by name."""
        return self.known.get("plans") or self.known.setdefault("plans", self._plans())

    def records(self):
        """Return the status of all records, by ARN."""
        return self.known.get("records") or self.known.setdefault("records", self._records())

    def _plans(self):
        listed = self.incidents.list_response_plans()["responsePlanSummaries"]
        found = {}
        for summary in listed:
            template = self.incidents.get_response_plan(arn=summary["arn"])["incidentTemplate"]
            found[summary["name"]] = {key: template[key] for key in ("title", "impact")}
        return found

    def _records(self):
        pages = self.incidents.get_paginator("list_incident_records").paginate()
        listed = [summary for page in pages for summary in page["incidentRecordSummaries"]]
        return {summary["arn"]: summary["status"] for summary in listed}

    def pages(self):
        """Return how many records there are."""
        return len(self.records())

    def _mark(self, name):
        arn = f"arn:aws:ssm-incidents::123456789012:response-plan/{name}"
        try:
            tags = self.incidents.list_tags_for_resource(resourceArn=arn)["tags"]
        except self.incidents.exceptions.ResourceNotFoundException:
            return None
        return tags.get("pulumi-incidents:owner")
