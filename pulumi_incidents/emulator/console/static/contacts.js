// People, on-call schedules and escalation plans: their names, and their plans in words.

import { contacts, unless } from "./api.js";
import { h } from "./dom.js";
import { empty, theirs } from "./parts.js";
import { nameOf } from "./words.js";

export const KINDS = { PERSONAL: "person", ESCALATION: "escalation plan", ONCALL_SCHEDULE: "on-call schedule" };

/** Return all contacts, or null where the account has no replication set and so no contacts. */
export function allContacts() {
  return unless(contacts.all("ListContacts", "Contacts"), ["ValidationException"], null);
}

/** Return what gives a contact's name for its ARN, of whatever region that is. */
export function naming(list) {
  const names = new Map((list ?? []).map((each) => [resource(each.ContactArn), each.DisplayName || each.Alias]));
  return (arn) => names.get(resource(arn)) ?? nameOf(arn);
}

function resource(arn) {
  return arn.split(":").slice(5).join(":");
}

/** Return `{after, targets}` of each stage that engages somebody, with its minutes from the start. */
export function steps(plan) {
  let after = 0;
  const found = [];
  for (const stage of plan.Stages ?? []) {
    if (stage.Targets.length) found.push({ after, targets: stage.Targets });
    after += stage.DurationInMinutes;
  }
  return found;
}

export function afterWord(minutes) {
  return minutes ? `After ${minutes} min` : "At once";
}

/** A plan in words, one line for each step; `targetName` says what a target is called. */
export function planInWords(plan, targetName) {
  return h("ol", { key: "plan", class: "steps" }, steps(plan).map(({ after, targets }) =>
    h("li", {}, h("b", {}, `${afterWord(after)}: `), theirs(targets.map(targetName).join(", ")))));
}

/** Whose acknowledgement ends an escalation plan, as a sentence. */
export function endedBy(plan, name) {
  const essential = steps(plan).flatMap(({ targets }) => targets).filter((each) => each.ContactTargetInfo?.IsEssential);
  const names = [...new Set(essential.map((each) => name(each.ContactTargetInfo.ContactId)))];
  return names.length ? `It ends when ${names.join(" or ")} acknowledges.` : "No acknowledgement ends it.";
}

export function personLink(alias, ...content) {
  return h("a", { href: `#/people?${new URLSearchParams({ text: alias })}` }, ...content);
}

export function withoutSet() {
  return empty(h("h2", {}, "This account has no replication set"),
    h("p", {}, "Without one there are no contacts. The page of the ", h("a", { href: "#/replication-set" }, "replication set"), " says how to make it."));
}
