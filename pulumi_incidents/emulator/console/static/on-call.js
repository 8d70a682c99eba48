// On call: who is now, who will be in the next weeks, and how engagements escalate.

import { contacts, unless } from "./api.js";
import { calendar, table } from "./calendar.js";
import { now } from "./clock.js";
import { allContacts, endedBy, KINDS, naming, personLink, planInWords, withoutSet } from "./contacts.js";
import { h } from "./dom.js";
import { add, overrides } from "./overrides.js";
import { empty, section, theirs } from "./parts.js";
import { onCall, shiftOf } from "./rota.js";
import { count, nameOf } from "./words.js";
import { days, known, spelled } from "./zones.js";

const SHOWN = 10;
const DAYS = 28;
const GONE = ["ResourceNotFoundException"];

export async function load({ ui }) {
  const list = await allContacts();
  if (!list) return { list };
  const details = (type) => Promise.all(list.filter((each) => each.Type === type).slice(0, ui.limit ?? SHOWN)
    .map(({ ContactArn }) => unless(contacts.call("GetContact", { ContactId: ContactArn }), GONE, null)));
  const [schedules, plans] = await Promise.all([details("ONCALL_SCHEDULE"), details("ESCALATION")]);
  return {
    list,
    schedules: await Promise.all(schedules.filter(Boolean).map(scheduleOf)),
    plans: plans.filter(Boolean),
  };
}

/** Return a schedule with the lanes of its rotations, on the days of the first one's zone. */
async function scheduleOf(contact) {
  const ids = contact.Plan.RotationIds ?? [];
  const rotations = await Promise.all(ids.map((RotationId) => unless(contacts.call("GetRotation", { RotationId }), GONE, null)));
  const found = rotations.filter(Boolean);
  const zone = known(found[0]?.TimeZoneId ?? "UTC");
  const edges = days(now(), DAYS, zone);
  return { contact, zone, edges, lanes: await Promise.all(found.map((each) => laneOf(each, edges))) };
}

async function laneOf(rotation, edges) {
  const about = { RotationId: rotation.RotationArn, StartTime: edges[0] / 1000, EndTime: edges.at(-1) / 1000 };
  const [shifts, own] = await Promise.all([
    contacts.all("ListRotationShifts", "RotationShifts", about),
    contacts.all("ListRotationOverrides", "RotationOverrides", about),
  ]);
  return { rotation, zone: known(rotation.TimeZoneId), members: rotation.ContactIds, shifts: shifts.map(shiftOf), overrides: own };
}

export function draw(view) {
  const { data: { list, schedules, plans }, ui } = view;
  const head = (told) => h("div", { key: "head", class: "head" }, h("h1", { key: "title" }, "On call"), h("p", { class: "muted" }, told));
  if (!list) return { title: "On call", nodes: [head(""), withoutSet()] };
  if (schedules.some(({ edges }) => now() >= edges[1] || now() < edges[0])) renew(view);
  const name = naming(list);
  const total = list.filter((each) => each.Type !== "PERSONAL").length;
  const cards = [...schedules.map((each) => ({ schedule: each })), ...plans.map((each) => ({ plan: each }))];
  const more = () => {
    ui.limit = (ui.limit ?? SHOWN) + SHOWN;
    view.reload();
  };
  const left = total - cards.length;
  return {
    title: "On call",
    nodes: [
      head(total ? `${count(schedules.length, KINDS.ONCALL_SCHEDULE)}, ${count(plans.length, KINDS.ESCALATION)}` : ""),
      cards.length
        ? h("div", { key: "list", class: "story" }, cards.map(({ schedule, plan }) => (schedule ? scheduleCard(schedule, name, view.reload) : planCard(plan, name))))
        : nothing(),
      left > 0 && h("p", { key: "more", class: "more" }, h("button", { type: "button", onclick: more }, `Show more: ${left} left`)),
    ].filter(Boolean),
  };
}

/** Get the weeks anew, which begin today: it is another day. */
function renew(view) {
  view.ui.renewing ??= setTimeout(() => {
    view.ui.renewing = null;
    view.reload();
  }, 1000);
}

function scheduleCard(schedule, name, reload) {
  const { contact, lanes, zone } = schedule;
  const title = theirs(contact.DisplayName || contact.Alias);
  if (!lanes.length) return section(contact.ContactArn, title, empty("It has no rotation: nobody is on call."));
  return section(contact.ContactArn, title,
    h("ul", { key: "now", class: "current" }, lanes.map((lane) => current(lane, schedule, name))),
    h("p", { key: "zone", class: "muted" }, lanes.every((each) => each.zone === zone) ? `Times of ${zone}.` : `Days of ${zone}; the times of each rotation are those of its own zone.`),
    calendar(schedule, name),
    h("details", { key: "table", class: "raw" }, h("summary", {}, "The next four weeks as a table"), table(schedule, name)),
    overrides(lanes, name, reload),
    h("div", { key: "add", class: "buttons" }, lanes.map((lane) => h("button", { type: "button", key: lane.rotation.RotationArn, onclick: () => add(lane, name, reload) },
      lanes.length > 1 ? `Override ${lane.rotation.Name}` : "Add an override"))));
}

function current({ rotation, shifts, zone }, { lanes, edges }, name) {
  const { people, until, next } = onCall(shifts, now());
  const links = people.map((arn) => personLink(nameOf(arn), theirs(name(arn))));
  const who = links.length ? links.flatMap((each, index) => (index ? [", ", each] : [each])) : h("span", { class: lanes.some((each) => onCall(each.shifts, now()).people.length) ? "" : "nobody" }, "Nobody");
  return h("li", { key: rotation.RotationArn },
    lanes.length > 1 && h("span", { class: "muted" }, theirs(rotation.Name), ": "),
    h("span", { class: "who" }, who), " is on call",
    until && (until < edges.at(-1) ? ` until ${spelled(until, zone)}` : " for four weeks or longer"),
    next && h("span", { class: "muted" }, " · next ", theirs(next.people.map(name).join(", ")), people.length && next.start !== until ? ` from ${spelled(next.start, zone)}` : ""));
}

function planCard(contact, name) {
  const targetName = ({ ContactTargetInfo: { ContactId } }) => name(ContactId);
  return section(contact.ContactArn, theirs(contact.DisplayName || contact.Alias),
    contact.Plan.Stages?.length
      ? [planInWords(contact.Plan, targetName), h("p", { key: "end", class: "hint" }, endedBy(contact.Plan, name))]
      : empty("It has no stages: nobody is engaged."));
}

function nothing() {
  return empty(h("h2", {}, "Nobody is on call yet"),
    h("p", {}, "A contact of the type ONCALL_SCHEDULE is whoever is on call in its rotations. Make the rotations and then the schedule with boto3 or the AWS CLI at this address; they appear here at once."));
}
