// One incident: what is known of it, what happened, and what to do about it.

import { all, call, messages, unless } from "./api.js";
import { h } from "./dom.js";
import { edit, linkForm, noteForm, removeItem, reopen, resolve } from "./actions.js";
import { engagements, FAILURES, loadEngagements, pagingNews } from "./engagements.js";
import { findings, loadFindings } from "./findings.js";
import { messageRow } from "./messages.js";
import { arn, by, drillMark, empty, facts, impact, moment, named, planLink, prose, raw, section, status, theirs, webLink } from "./parts.js";
import { detailsOf, events, RUNBOOK } from "./timeline.js";
import { count, isDrill, itemOf, itemType, planArn, planName, startedBy, triggerName } from "./words.js";

export async function load({ argument, ui }) {
  const { incidentRecord: record } = await call("GetIncidentRecord", { arn: argument });
  const about = { incidentRecordArn: argument };
  const [timeline, items, found, sent, plan, paging] = await Promise.all([
    all("ListTimelineEvents", "eventSummaries", about),
    all("ListRelatedItems", "relatedItems", about),
    loadFindings(argument),
    messages(argument),
    unless(call("GetResponsePlan", { arn: planArn(argument) }), ["ResourceNotFoundException"], null),
    loadEngagements(argument, ui),
  ]);
  const details = await detailsOf(argument, timeline, ui, FAILURES);
  return { record, timeline, items, found, sent, plan, paging, details };
}

export function news(before, after) {
  if (before.record.status !== after.record.status) return `The incident is now ${after.record.status.toLowerCase()}`;
  const paged = pagingNews(before.paging, after.paging);
  if (paged) return paged;
  const added = after.timeline.length - before.timeline.length;
  return added > 0 ? `${count(added, "new event")} on the timeline` : null;
}

export function draw(view) {
  const { record } = view.data;
  return {
    title: record.title || "Incident",
    nodes: [
      head(view),
      h("div", { key: "columns", class: "columns" },
        h("div", { key: "story", class: "story" },
          record.summary && section("summary", "Summary", prose(record.summary)),
          engagements(view),
          section("timeline", "Timeline", noteForm(record.arn, view.reload), events(view))),
        h("div", { key: "side", class: "side" },
          related(view), findings(view.data.found), about(view.data), runbooks(view.data), told(view))),
    ],
  };
}

function head(view) {
  const { record, plan } = view.data;
  const open = record.status === "OPEN";
  return h("div", { key: "head", class: "head" },
    h("p", { class: "crumbs" }, h("a", { href: "#/incidents" }, "Incidents"), " / ", planLink(planArn(record.arn), theirs(planName(record.arn)))),
    h("h1", { key: "title", dir: "auto" }, record.title || "(no title)"),
    h("div", { key: "state", class: "state" }, impact(record.impact), status(record.status), isDrill(record.title, plan?.displayName) && drillMark(),
      h("span", { class: "muted" }, "started ", moment(record.creationTime), record.resolvedTime && [", resolved ", moment(record.resolvedTime)])),
    h("div", { key: "actions", class: "actions" },
      h("button", { type: "button", key: "edit", onclick: () => edit(record, view.reload) }, "Edit"),
      open
        ? h("button", { type: "button", key: "resolve", class: "primary", onclick: () => resolve(record, view.reload) }, "Resolve")
        : h("button", { type: "button", key: "reopen", onclick: () => reopen(record, view.reload) }, "Reopen")));
}

function about({ record, plan }) {
  const source = record.incidentRecordSource;
  const topics = record.chatChannel?.chatbotSns ?? [];
  return section("facts", "Facts",
    facts([
      ["Response plan", plan ? planLink(plan.arn, theirs(planName(record.arn))) : `${planName(record.arn)} (deleted)`],
      ["Started", startedBy(source.source)],
      ["Trigger", source.resourceArn ? h("span", { title: source.resourceArn }, triggerName(source.resourceArn)) : null],
      ["As", by(source.createdBy)],
      ["Last change", h("span", {}, moment(record.lastModifiedTime), " by ", by(record.lastModifiedBy))],
      ["Chat channel", topics.length ? topics.map((topic) => h("p", {}, named(topic))) : null],
      ["Notifies", record.notificationTargets?.length ? record.notificationTargets.map((each) => h("p", {}, named(each.snsTopicArn))) : null],
      ["Dedupe string", record.dedupeString || null],
      ["ARN", arn(record.arn)],
    ]),
    raw("Raw record", record));
}

function related(view) {
  const { record, items } = view.data;
  const shown = items.map((item) => {
    const { text, url } = itemOf(item.identifier);
    const label = item.title || text;
    return h("li", { key: item.generatedId, class: "row item-row" },
      h("div", { class: "what" },
        url === undefined ? theirs(label) : webLink(url, label),
        h("p", { class: "muted" }, itemType(item.identifier), item.title && [" · ", theirs(text)])),
      h("button", { type: "button", class: "quiet", "aria-label": `Remove ${label}`, onclick: () => removeItem(record, item, label, view.reload) }, "Remove"));
  });
  return section("items", "Related items",
    shown.length ? h("ul", { key: "rows", class: "rows" }, shown) : empty("No links or resources yet. Add the dashboard or the ticket that people need."),
    h("details", { key: "add", class: "add" }, h("summary", {}, "Add a link"), linkForm(record.arn, view.reload)));
}

function runbooks({ record, timeline, details }) {
  const executions = record.automationExecutions ?? [];
  if (!executions.length) return null;
  const begun = timeline.filter((event) => event.eventType === RUNBOOK).map((event) => details.get(event.eventId));
  return section("runbooks", "Runbook",
    executions.map(({ ssmExecutionArn }) => {
      const data = begun.find((each) => each?.automationExecutionArn === ssmExecutionArn);
      const values = Object.entries(data?.parameters ?? {}).map(([name, list]) => [name, list.length ? list.map((value) => h("p", { class: "arn" }, value)) : "(empty)"]);
      return h("div", { key: ssmExecutionArn },
        h("p", {}, h("b", { dir: "auto" }, data?.ssmDocumentName ?? "Runbook"), data?.ssmDocumentVersion && ` version ${data.ssmDocumentVersion}`),
        values.length > 0 && facts(values),
        h("p", { class: "muted arn" }, ssmExecutionArn));
    }),
    h("p", { key: "hint", class: "hint" }, "Recorded only: the local AWS runs no runbook."));
}

function told({ data: { sent } }) {
  const latest = [...sent].reverse();
  return section("messages", "Messages sent",
    latest.length ? h("ul", { key: "rows", class: "rows" }, latest.map((message) => messageRow(message, false))) : empty("No topic was told of this incident."));
}
