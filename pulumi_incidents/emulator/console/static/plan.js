// One response plan, and the start of an incident from it.

import { all, call, once, unless } from "./api.js";
import { linkItem } from "./actions.js";
import { h } from "./dom.js";
import { dialog, field, impactSelect } from "./forms.js";
import { arn, empty, facts, impact, incidentLink, moment, named, prose, raw, section, status, tags, theirs } from "./parts.js";
import { count, nameOf, planName } from "./words.js";

const OPEN = [{ key: "status", condition: { equals: { stringValues: ["OPEN"] } } }];

export async function load({ argument }) {
  const [plan, { tags: own }, open] = await Promise.all([
    call("GetResponsePlan", { arn: argument }),
    unless(call("ListTagsForResource", { resourceArn: argument }), ["ResourceNotFoundException"], { tags: {} }),
    all("ListIncidentRecords", "incidentRecordSummaries", { filters: OPEN }),
  ]);
  return { plan, own, open: open.filter((each) => planName(each.arn) === plan.name).reverse() };
}

export function draw({ data: { plan, own, open } }) {
  const { incidentTemplate: template } = plan;
  return {
    title: plan.displayName || plan.name,
    nodes: [
      h("div", { key: "head", class: "head" },
        h("p", { class: "crumbs" }, h("a", { href: "#/plans" }, "Plans")),
        h("h1", { key: "title", dir: "auto" }, plan.displayName || plan.name),
        h("div", { key: "actions", class: "actions" }, h("button", { type: "button", class: "primary", onclick: () => start(plan) }, "Start an incident"))),
      h("div", { key: "columns", class: "columns" },
        h("div", { key: "story", class: "story" },
          section("template", "An incident of this plan",
            facts([
              ["Title", theirs(template.title)],
              ["Impact", impact(template.impact)],
              ["Dedupe string", template.dedupeString || null],
              ["Tags", template.incidentTags ? tags(template.incidentTags) : null],
            ]),
            template.summary && prose(template.summary)),
          runbook(plan.actions ?? [])),
        h("div", { key: "side", class: "side" },
          section("people", "Who hears of it", facts([
            ["Engages", list(plan.engagements, "nobody")],
            ["Notifies", list((template.notificationTargets ?? []).map((each) => each.snsTopicArn))],
            ["Chat channel", list(plan.chatChannel?.chatbotSns)],
            ...(plan.integrations ?? []).map(({ pagerDutyConfiguration: pager }) => ["PagerDuty", `${pager.name}, service ${pager.pagerDutyIncidentConfiguration.serviceId}, secret ${pager.secretId}`]),
          ])),
          section("open", "Open incidents", open.length
            ? h("ul", { key: "rows", class: "rows" }, open.map((each) => h("li", { key: each.arn, class: "row" }, impact(each.impact), h("div", { class: "what" }, incidentLink(each.arn, theirs(each.title)), h("p", { class: "muted" }, moment(each.creationTime))), status(each.status))))
            : empty("None is open.")),
          section("facts", "The plan", facts([["Name", plan.name], ["Tags", tags(own)], ["ARN", arn(plan.arn)]]), raw("Raw plan", plan)))),
    ],
  };
}

function list(arns, none = "none") {
  return arns?.length ? arns.map((each) => h("p", {}, named(each))) : none;
}

function runbook(actions) {
  if (!actions.length) return null;
  return section("runbook", "Runbook", actions.map(({ ssmAutomation: each }) => {
    const fixed = Object.entries(each.parameters ?? {}).map(([name, values]) => [name, values.join(", ") || "(empty)"]);
    const filled = Object.entries(each.dynamicParameters ?? {}).map(([name, value]) => [name, `filled in at the start: ${value.variable}`]);
    return h("div", {}, facts([
      ["Document", `${each.documentName}${each.documentVersion ? ` version ${each.documentVersion}` : ""}`],
      ["Role", named(each.roleArn)],
      ["Runs in", each.targetAccount === "IMPACTED_ACCOUNT" ? "the impacted account" : "the account of the plan"],
      ...fixed, ...filled,
    ]));
  }));
}

/** Say what a start does here, and what the same would do on AWS. */
function warning(plan) {
  const topics = new Set([...(plan.chatChannel?.chatbotSns ?? []), ...(plan.incidentTemplate.notificationTargets ?? []).map((each) => each.snsTopicArn)]);
  const engaged = (plan.engagements ?? []).map(nameOf);
  const books = (plan.actions ?? []).map((each) => each.ssmAutomation.documentName);
  const dedupe = plan.incidentTemplate.dedupeString;
  return h("div", { class: "notice" },
    h("p", {}, h("b", {}, "What a start does here")),
    h("ul", { dir: "auto" },
      h("li", {}, engaged.length ? `Engages ${engaged.join(", ")}. Their pages appear in the incident, and no telephone rings; on AWS it would.` : "Engages nobody."),
      h("li", {}, topics.size ? `Sends a message to ${count(topics.size, "topic")} of the local AWS: ${[...topics].map(nameOf).join(", ")}. Whoever is subscribed gets it.` : "Sends no message."),
      books.length > 0 && h("li", {}, `Records an execution of the runbook ${books.join(", ")}. It does not run; on AWS it would.`),
      dedupe && h("li", {}, `While an incident with the dedupe string ${dedupe} is open, a start is merged into it.`)));
}

function start(plan) {
  const { incidentTemplate: template } = plan;
  const title = field("Title", h("input", { type: "text", maxlength: 200, value: template.title, dir: "auto" }));
  const level = field("Impact", impactSelect(template.impact));
  const url = field("Related link", h("input", { type: "url", maxlength: 1000, placeholder: "https://" }), "A dashboard or a ticket; may be left out.");
  const begin = once("StartIncident");
  dialog({
    title: `Start an incident from ${plan.displayName || plan.name}?`,
    submit: "Start the incident",
    content: [warning(plan), title.row, level.row, url.row],
    act: async () => {
      const address = url.control.value.trim();
      const { incidentRecordArn } = await begin({
        responsePlanArn: plan.arn,
        title: title.control.value,
        impact: Number(level.control.value),
        ...(address && { relatedItems: [linkItem(address, "")] }),
      });
      location.hash = `#/incident/${encodeURIComponent(incidentRecordArn)}`;
    },
  });
}
