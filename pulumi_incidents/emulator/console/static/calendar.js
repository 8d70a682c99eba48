// The calendar of an on-call schedule: a row for each week, a lane in it for each rotation.
// It is for the eye; the table behind it has the same for everybody.

import { now } from "./clock.js";
import { h } from "./dom.js";
import { theirs } from "./parts.js";
import { gaps, joined, within } from "./rota.js";
import { dayName, monthName, spelled } from "./zones.js";

const WEEK = 7;
const COLOURS = 5;

/** Draw lanes, `{rotation, zone, shifts}`, by `edges`, when the days of `zone` begin. */
export function calendar({ lanes, edges, zone }, name) {
  const colours = colouring(lanes);
  const nobody = gaps(lanes.flatMap((each) => each.shifts), edges[0], edges.at(-1));
  const rows = [];
  for (let day = 0; day + WEEK < edges.length; day += WEEK) rows.push(week(lanes, edges.slice(day, day + WEEK + 1), zone, nobody, colours, name));
  return h("div", { key: "calendar", class: "calendar", "aria-hidden": "true" }, rows);
}

function colouring(lanes) {
  const people = [...new Set(lanes.flatMap((each) => each.members))];
  return (arn) => `person-${people.indexOf(arn) < 0 ? 0 : people.indexOf(arn) % COLOURS}`;
}

function week(lanes, edges, zone, nobody, colours, name) {
  const [start, end] = [edges[0], edges.at(-1)];
  const blank = within(nobody, start, end);
  const days = within(edges.slice(0, -1).map((time, index) => ({ start: time, end: edges[index + 1] })), start, end);
  const time = within([{ start: now(), end: now() + 1 }], start, end);
  const mark = () => time.map((each) => h("span", { class: "now", style: at(each) }));
  const grid = () => [days.map((each) => h("span", { class: "grid", style: at(each) })), mark()];
  return h("div", { class: "week" },
    h("div", { class: "lane days" }, h("span", { class: "lane-name" }),
      h("div", { class: "track" }, days.map((each, index) => h("span", { class: "day", style: at(each) }, dayName(each.start, zone), !index && h("span", { class: "month" }, ` ${monthName(each.start, zone)}`))), mark())),
    lanes.map((lane) => h("div", { class: "lane" }, theirs(lane.rotation.Name, "span", { class: "lane-name" }),
      h("div", { class: "track" }, grid(), within(joined(lane.shifts), start, end).map((each) => bar(each, lane.zone, colours, name))))),
    blank.length > 0 && h("div", { class: "lane" }, h("span", { class: "lane-name gap-name" }, "Gaps"),
      h("div", { class: "track" }, grid(), blank.map((each) => h("span", { class: "shift gap", style: at(each), title: between(each, zone) }, h("span", {}, "nobody"))))));
}

function bar(shift, zone, colours, name) {
  const who = shift.people.map(name).join(", ");
  const instead = shift.instead && `for ${shift.instead.map(name).join(", ") || "nobody"}`;
  return h("span", { class: `shift ${colours(shift.people[0])}${instead ? " override" : ""}`, style: at(shift), title: [who, instead, between(shift, zone)].filter(Boolean).join(", ") },
    theirs(who), instead && [" ", theirs(instead, "small")]);
}

function at({ from, size }) {
  return `--from: ${from}%; --size: ${size}%`;
}

function between({ start, end }, zone) {
  return `${spelled(start, zone)} – ${spelled(end, zone)}`;
}

/** The same as a table, a shift in each row, with the times of each rotation's own zone. */
export function table({ lanes, edges, zone }, name) {
  const [from, until] = [edges[0], edges.at(-1)];
  const nobody = gaps(lanes.flatMap((each) => each.shifts), from, until);
  const rows = [
    ...lanes.flatMap((lane) => joined(lane.shifts).map((each) => ({ ...each, lane }))),
    ...nobody.map((each) => ({ ...each, people: [], instead: null, lane: null })),
  ].sort((a, b) => a.start - b.start || a.end - b.end);
  const zones = new Set(lanes.map((each) => each.zone));
  return h("div", { class: "scrolled", tabindex: 0, role: "region", "aria-label": "Shifts" }, h("table", {},
    h("thead", {}, h("tr", {}, ["From", "Until", "On call", "Rotation"].map((each) => h("th", { scope: "col" }, each)))),
    h("tbody", {}, rows.map(({ start, end, people, instead, lane }) => h("tr", {},
      h("td", {}, spelled(start, lane?.zone ?? zone)), h("td", {}, spelled(end, lane?.zone ?? zone)),
      h("td", { dir: "auto" }, people.map(name).join(", ") || "nobody", instead && ` (override, in place of ${instead.map(name).join(", ") || "nobody"})`),
      h("td", { dir: "auto" }, lane ? lane.rotation.Name + (zones.size > 1 ? `, ${lane.zone}` : "") : "none"))))));
}
