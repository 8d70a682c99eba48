// All response plans, however many.

import { all, call, unless } from "./api.js";
import { h } from "./dom.js";
import { search } from "./incidents.js";
import { empty, impact, planLink, some, theirs } from "./parts.js";
import { count, nameOf, planName } from "./words.js";

const SHOWN = 50;
const OPEN = [{ key: "status", condition: { equals: { stringValues: ["OPEN"] } } }];

/** Get all names, what is open, and the rest of those plans that are shown: a list has no more. */
export async function load(view) {
  const [plans, open] = await Promise.all([
    all("ListResponsePlans", "responsePlanSummaries"),
    all("ListIncidentRecords", "incidentRecordSummaries", { filters: OPEN }),
  ]);
  const shown = matching(plans, view).slice(0, view.ui.limit ?? SHOWN);
  const details = await Promise.all(shown.map(({ arn }) => unless(call("GetResponsePlan", { arn }), ["ResourceNotFoundException"], null)));
  const counts = new Map();
  for (const each of open) counts.set(planName(each.arn), (counts.get(planName(each.arn)) ?? 0) + 1);
  return { plans, counts, known: new Map(details.filter(Boolean).map((each) => [each.arn, each])) };
}

function matching(plans, { query }) {
  const wanted = (query.get("text") ?? "").trim().toLowerCase();
  return plans.filter((each) => `${each.name}\n${each.displayName ?? ""}`.toLowerCase().includes(wanted));
}

export function news(before, after) {
  const added = after.plans.length - before.plans.length;
  return added > 0 ? count(added, "new plan") : null;
}

export function draw(view) {
  const { data: { plans: data, counts, known }, query, ui } = view;
  const text = query.get("text") ?? "";
  const wanted = text.trim();
  const found = matching(data, view);
  const row = (each) => planRow(each, known.get(each.arn), counts.get(each.name) ?? 0);
  const more = () => {
    ui.limit = (ui.limit ?? SHOWN) + SHOWN;
    view.redraw();
    view.reload();
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
        view.reload();
      })),
      found.length ? h("div", { key: "list" }, some(found, ui.limit ?? SHOWN, row, more, "plan")) : nothing(data),
    ].filter(Boolean),
  };
}

function planRow(each, plan, open) {
  const engaged = (plan?.engagements ?? []).map(nameOf).join(", ");
  const told = plan && (engaged ? `engages ${engaged}` : "engages nobody");
  const about = [each.displayName && each.name, told].filter(Boolean).join(" · ");
  return h("li", { key: each.arn, class: "row plan-row" },
    plan ? impact(plan.incidentTemplate.impact) : h("span", {}),
    h("div", { class: "what" }, planLink(each.arn, theirs(each.displayName || each.name)), about && h("p", { class: "muted" }, theirs(about))),
    h("p", { class: "when muted" }, open > 0 && h("a", { href: `#/incidents?${new URLSearchParams({ status: "OPEN", text: `/${each.name}/` })}` }, `${open} open`)));
}

function nothing(data) {
  if (data.length) return empty(h("h2", {}, "Nothing found"), h("p", {}, h("a", { href: "#/plans" }, "Show all plans")));
  return empty(h("h2", {}, "There is no response plan yet"),
    h("p", {}, "A plan says who is engaged, what is told to whom and which runbook starts. Make one with Pulumi (", h("code", {}, "make up"), "), boto3, Terraform or the AWS CLI at this address; it appears here at once."));
}
