// What was sent to topics.

import { messages } from "./api.js";
import { h } from "./dom.js";
import { empty, incidentLink, moment, named, raw, some, theirs } from "./parts.js";
import { count, parsed } from "./words.js";

const SHOWN = 50;
const KEPT = 1000;
const KINDS = { "SSM Incident Start": "Incident started", "SSM Incident Record Update": "Incident changed" };

export async function load() {
  return (await messages()).reverse();
}

export function draw(view) {
  const { data, ui } = view;
  const more = () => {
    ui.limit = (ui.limit ?? SHOWN) + SHOWN;
    view.redraw();
  };
  return {
    title: "Messages",
    nodes: [
      h("div", { key: "head", class: "head" }, h("h1", { key: "title" }, "Messages sent"),
        h("p", { class: "muted" }, !data.length ? "" : data.length < KEPT ? count(data.length, "message") : `the last ${KEPT.toLocaleString("en")} messages`)),
      data.length
        ? h("div", { key: "list" }, some(data, ui.limit ?? SHOWN, (each) => messageRow(each, true), more, "message"))
        : empty(h("h2", {}, "Nothing was sent yet"), h("p", {}, "When an incident starts or changes, the topics of its plan are told: its notification targets and its chat channel. ", h("a", { href: "#/plans" }, "See the plans"))),
    ],
  };
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
