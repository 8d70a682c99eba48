// What was sent to topics, and what was denied to whom.

import { denials, messages } from "./api.js";
import { h } from "./dom.js";
import { empty, incidentLink, moment, named, raw, some, theirs } from "./parts.js";
import { count, parsed } from "./words.js";

const SHOWN = 50;
const KEPT = 1000;
const KINDS = { "SSM Incident Start": "Incident started", "SSM Incident Record Update": "Incident changed" };

export async function load() {
  const [sent, denied] = await Promise.all([messages(), denials()]);
  return { sent: sent.reverse(), denied: denied.reverse() };
}

export function draw(view) {
  const { data: { sent, denied }, ui } = view;
  const more = (list) => () => {
    ui[list] = (ui[list] ?? SHOWN) + SHOWN;
    view.redraw();
  };
  return {
    title: "Messages",
    nodes: [
      h("div", { key: "head", class: "head" }, h("h1", { key: "title" }, "Messages sent"),
        h("p", { class: "muted" }, counted(sent, "message"))),
      sent.length
        ? h("div", { key: "list" }, some(sent, ui.sent ?? SHOWN, (each) => messageRow(each, true), more("sent"), "message"))
        : empty(h("h2", {}, "Nothing was sent yet"), h("p", {}, "When an incident starts or changes, the topics of its plan are told: its notification targets and its chat channel. ", h("a", { href: "#/plans" }, "See the plans"))),
      denied.length > 0 && h("div", { key: "denied-head", class: "head next" }, h("h2", { key: "title" }, "Denied"),
        h("p", { class: "muted" }, counted(denied, "denial"))),
      denied.length > 0 && h("div", { key: "denied" }, some(denied, ui.denied ?? SHOWN, denialRow, more("denied"), "denial")),
    ].filter(Boolean),
  };
}

function counted(list, word) {
  if (!list.length) return "";
  return list.length < KEPT ? count(list.length, word) : `the last ${KEPT.toLocaleString("en")} ${word}s`;
}

function denialRow(denial) {
  return h("li", { key: `denial-${denial.number}`, class: "row" },
    h("div", { class: "what" },
      h("p", { key: "effect" }, h("b", {}, denial.effect)),
      h("p", { key: "why", class: "error" }, `${denial.code}: ${denial.message}`),
      h("p", { key: "time", class: "muted" }, moment(denial.time))));
}

export function messageRow(message, withIncident) {
  const body = parsed(message.body);
  const title = body?.detail?.incidentTitle;
  return h("li", { key: `message-${message.number}`, class: "row" },
    h("div", { class: "what" },
      h("p", { key: "what" }, h("b", {}, KINDS[message.kind] ?? message.kind), " → ", named(message.topic)),
      withIncident && h("p", { key: "incident" }, incidentLink(message.incident, theirs(title || "The incident"))),
      message.error && h("p", { key: "error", class: "error" }, `Not delivered: ${message.error}`),
      h("div", { key: "meta", class: "meta" }, h("p", { class: "muted" }, moment(message.time)), raw("Raw message", body))));
}
