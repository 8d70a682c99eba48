// All incidents: what is open comes first, and then what is new.

import { all } from "./api.js";
import { h } from "./dom.js";
import { drillMark, empty, impact, incidentLink, moment, some, status, theirs } from "./parts.js";
import { count, isDrill, planName, startedBy } from "./words.js";

const SHOWN = 100;
const CHOICES = { "": "All", OPEN: "Open", RESOLVED: "Resolved" };

export async function load() {
  const [records, plans] = await Promise.all([all("ListIncidentRecords", "incidentRecordSummaries"), all("ListResponsePlans", "responsePlanSummaries")]);
  const names = new Map(plans.map((each) => [each.name, each.displayName ?? ""]));
  return records.map((each) => ({ ...each, drill: isDrill(each.title, names.get(planName(each.arn))) }));
}

export function news(before, after) {
  const known = new Set(before.map((each) => each.arn));
  const added = after.filter((each) => !known.has(each.arn));
  if (added.length > 1) return `${added.length} new incidents`;
  return added.length ? `New incident: ${added[0].title}` : null;
}

export function draw(view) {
  const { data, query, ui } = view;
  const chosen = query.get("status") ?? "";
  const text = query.get("text") ?? "";
  const found = data
    .map((each, index) => ({ ...each, index }))
    .filter((each) => (!chosen || each.status === chosen) && matches(each, text))
    .sort((a, b) => (a.status === "OPEN" ? 0 : 1) - (b.status === "OPEN" ? 0 : 1) || b.creationTime - a.creationTime || b.index - a.index);
  const more = () => {
    ui.limit = (ui.limit ?? SHOWN) + SHOWN;
    view.redraw();
  };
  const open = data.filter((each) => each.status === "OPEN").length;
  const drills = data.filter((each) => each.status === "OPEN" && each.drill).length;
  const among = drills ? ` (${count(drills, "drill")})` : "";
  return {
    title: open > drills ? `${open - drills} open` : "Incidents",
    nodes: [
      h("div", { key: "head", class: "head" }, h("h1", { key: "title" }, "Incidents"),
        h("p", { class: "muted" }, data.length ? `${open} open${among}, ${data.length - open} resolved` : "")),
      data.length > 0 && filters(view, chosen, text),
      found.length
        ? h("div", { key: "list" }, some(found, ui.limit ?? SHOWN, row, more, "incident"))
        : nothing(data, chosen, text),
    ].filter(Boolean),
  };
}

function matches(each, text) {
  const wanted = text.trim().toLowerCase();
  return !wanted || `${each.title}\n${each.arn}`.toLowerCase().includes(wanted);
}

function row(each) {
  const end = each.resolvedTime;
  return h("li", { key: each.arn, class: "row incident-row" },
    impact(each.impact),
    h("div", { class: "what" },
      incidentLink(each.arn, theirs(each.title || "(no title)")),
      h("p", { class: "muted" }, theirs(planName(each.arn)), ` · started ${startedBy(each.incidentRecordSource.source)}`)),
    h("div", { class: "states" }, status(each.status), each.drill && drillMark()),
    h("p", { class: "when muted" }, end ? ["resolved ", moment(end)] : moment(each.creationTime)));
}

function filters(view, chosen, text) {
  const links = Object.entries(CHOICES).map(([value, word]) =>
    h("a", { href: address(value, text), "aria-current": value === chosen ? "true" : null }, word));
  return h("div", { key: "filters", class: "filters" },
    h("nav", { class: "choices", "aria-label": "Status" }, links),
    search("Search by title or plan", text, (value) => {
      const status = view.query.get("status") ?? "";
      history.replaceState(null, "", address(status, value));
      view.query = new URLSearchParams(location.hash.split("?")[1]);
      view.redraw();
    }));
}

/** A field to search in what is shown; what is typed stays there while the list changes. */
export function search(label, text, act) {
  return h("div", { key: "search", class: "search", role: "search" },
    h("label", { class: "unseen", for: "search" }, label),
    h("input", { type: "search", id: "search", autocomplete: "off", value: text, placeholder: label, oninput: (event) => act(event.target.value) }));
}

function address(status, text) {
  const query = new URLSearchParams({ ...(status && { status }), ...(text && { text }) });
  return query.size ? `#/incidents?${query}` : "#/incidents";
}

function nothing(data, chosen, text) {
  if (!data.length) {
    return empty(h("h2", {}, "Nothing has happened yet"),
      h("p", {}, "An incident starts when a program calls StartIncident, when an alarm or an event does, or by hand: open a ", h("a", { href: "#/plans" }, "response plan"), " and start one from it. It appears here at once."));
  }
  if (text) return empty(h("h2", {}, "Nothing found"), h("p", {}, `${count(data.length, "incident")} here, and none of them matches. `, h("a", { href: "#/incidents" }, "Show all")));
  return empty(h("h2", {}, chosen === "OPEN" ? "No incident is open" : "No incident is resolved yet"), h("p", {}, h("a", { href: "#/incidents" }, "Show all")));
}
