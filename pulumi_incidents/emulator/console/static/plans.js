// All response plans, however many.

import { all } from "./api.js";
import { h } from "./dom.js";
import { search } from "./incidents.js";
import { empty, planLink, some, theirs } from "./parts.js";
import { count } from "./words.js";

const SHOWN = 50;

export function load() {
  return all("ListResponsePlans", "responsePlanSummaries");
}

export function news(before, after) {
  const added = after.length - before.length;
  return added > 0 ? count(added, "new plan") : null;
}

export function draw(view) {
  const { data, query, ui } = view;
  const text = query.get("text") ?? "";
  const wanted = text.trim().toLowerCase();
  const found = data.filter((each) => `${each.name}\n${each.displayName ?? ""}`.toLowerCase().includes(wanted));
  const more = () => {
    ui.limit = (ui.limit ?? SHOWN) + SHOWN;
    view.redraw();
  };
  return {
    title: "Plans",
    nodes: [
      h("div", { key: "head", class: "head" }, h("h1", { key: "title" }, "Response plans"),
        h("p", { class: "muted" }, !data.length ? "" : wanted ? `${count(found.length, "plan")} of ${data.length.toLocaleString("en")}` : count(data.length, "plan"))),
      data.length > 0 && h("div", { key: "filters", class: "filters" }, search("Search by name", text, (value) => {
        const query = new URLSearchParams(value && { text: value });
        history.replaceState(null, "", query.size ? `#/plans?${query}` : "#/plans");
        view.query = query;
        view.redraw();
      })),
      found.length ? h("div", { key: "list" }, some(found, ui.limit ?? SHOWN, row, more, "plan")) : nothing(data),
    ].filter(Boolean),
  };
}

function row(each) {
  return h("li", { key: each.arn, class: "row" },
    h("div", { class: "what" }, planLink(each.arn, theirs(each.displayName || each.name)), each.displayName && h("p", { class: "muted" }, each.name)));
}

function nothing(data) {
  if (data.length) return empty(h("h2", {}, "Nothing found"), h("p", {}, h("a", { href: "#/plans" }, "Show all plans")));
  return empty(h("h2", {}, "There is no response plan yet"),
    h("p", {}, "A plan says who is engaged, what is told to whom and which runbook starts. Make one with Pulumi (", h("code", {}, "make up"), "), boto3, Terraform or the AWS CLI at this address; it appears here at once."));
}
