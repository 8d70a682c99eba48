// The engagements of an incident: who was paged over what and when, and what is next.

import { contacts, pages, unless, upcoming } from "./api.js";
import { afterWord, allContacts, naming } from "./contacts.js";
import { h } from "./dom.js";
import { dialog, field } from "./forms.js";
import { countdown, empty, moment, section, theirs } from "./parts.js";
import { CHANNELS, nameOf, ownerArn, span } from "./words.js";

export const FAILURES = ["SSM Contacts Engagement Failure for Incident", "SSM Contacts Page Failure for Incident"];

/** Return `{name, engagements, channels, coming}` of an incident; the ways to its pages are got once. */
export async function loadEngagements(incident, ui) {
  const found = await unless(contacts.all("ListEngagements", "Engagements", { IncidentId: incident }), ["ValidationException"], []);
  if (!found.length) return { name: nameOf, engagements: [], channels: new Map(), coming: [] };
  const [list, sent, coming, engagements] = await Promise.all([
    allContacts(), pages(incident), upcoming(incident), Promise.all(found.reverse().map((each) => withPages(each, ui))),
  ]);
  return { name: naming(list), engagements, channels: new Map(sent.map((each) => [each.pageArn, each])), coming };
}

async function withPages(engagement, ui) {
  ui.ways ??= new Map();
  const sent = (await contacts.all("ListPagesByEngagement", "Pages", { EngagementId: engagement.EngagementArn })).reverse();
  await Promise.all(sent.filter((each) => !ui.ways.has(each.PageArn)).map(async ({ PageArn }) => {
    ui.ways.set(PageArn, await contacts.all("ListPageResolutions", "PageResolutions", { PageId: PageArn, MaxResults: undefined }));
  }));
  return { ...engagement, pages: sent.map((each) => ({ ...each, way: ui.ways.get(each.PageArn) })) };
}

/** Say what came of it since: somebody was paged, or has acknowledged. */
export function pagingNews(before, after) {
  const all = (data) => data.engagements.flatMap((each) => each.pages);
  const known = new Map(all(before).map((each) => [each.PageArn, each]));
  const names = (found) => [...new Set(found.map((each) => after.name(each.ContactArn)))].join(", ");
  const read = all(after).filter((each) => each.ReadTime && !known.get(each.PageArn)?.ReadTime);
  const sent = all(after).filter((each) => !known.has(each.PageArn));
  const told = [sent.length && `Paged ${names(sent)}`, read.length && `${names(read)} acknowledged`].filter(Boolean);
  return told.join("; ") || null;
}

export function engagements(view) {
  const { paging, timeline, details } = view.data;
  const failures = timeline.filter((each) => FAILURES.includes(each.eventType)).map((each) => ({ ...details.get(each.eventId), time: each.eventTime * 1000 }));
  const missing = failures.filter((each) => !each.engagementArn);
  const shown = paging.engagements.map((each) => engagementOf(each, paging, failures.filter((one) => one.engagementArn === each.EngagementArn), view.reload));
  return section("engagements", "Engagements",
    shown.length || missing.length ? shown : empty("The plan engaged nobody."),
    missing.map((each) => h("p", { key: each.contactArn, class: "notice" }, theirs(nameOf(each.contactArn ?? "")), " was not engaged: ", each.reason)));
}

function engagementOf(engagement, { name, channels, coming }, failures, done) {
  const start = engagement.StartTime * 1000;
  const next = coming.filter((each) => each.engagementArn === engagement.EngagementArn);
  const acknowledged = new Map(engagement.pages.filter((each) => each.ReadTime).map((each) => [each.ContactArn, each.ReadTime * 1000]));
  const rows = [
    ...engagement.pages.map((page) => ({ time: page.SentTime * 1000, row: pageRow(page, channels.get(page.PageArn), acknowledged, name, done) })),
    ...failures.map((each) => ({ time: each.time, row: failureRow(each, name, "failed") })),
    ...next.map((each) => ({ time: Date.parse(each.time), coming: true, row: each.reason ? failureRow(each, name, "to-come") : comingRow(each, name) })),
  ];
  return h("div", { key: engagement.EngagementArn, class: "engagement" },
    h("div", { key: "head", class: "engagement-head" },
      h("h3", {}, theirs(name(engagement.ContactArn))),
      next.length > 0 && h("button", { type: "button", class: "quiet", "aria-label": `Stop the engagement of ${name(engagement.ContactArn)}`, onclick: () => stop(engagement, name, done) }, "Stop")),
    standing(engagement, next, acknowledged, name),
    h("ol", { key: "stages", class: "stages" }, byTime(rows).map(({ time, coming: later, rows: same }) =>
      h("li", { key: `at ${time} ${later ?? ""}`, class: later ? "stage later" : "stage" },
        h("p", { class: "stage-time" }, h("b", {}, afterWord(Math.round((time - start) / 60000))), " ", h("span", { class: "muted" }, clockTime(time))),
        h("ul", {}, same)))));
}

/** Return rows that are of one time together, in order. */
function byTime(rows) {
  const found = [];
  for (const { time, coming, row } of rows.sort((a, b) => a.time - b.time)) {
    if (found.at(-1)?.time !== time || found.at(-1).coming !== coming) found.push({ time, coming, rows: [] });
    found.at(-1).rows.push(row);
  }
  return found;
}

function clockTime(time) {
  return new Date(time).toLocaleTimeString("en-GB");
}

/** Where an engagement stands: what is next, or why there is nothing more to come. */
function standing({ pages: sent, StartTime, StopTime }, next, acknowledged, name) {
  const people = [...acknowledged].map(([arn, time]) => `${name(arn)} after ${span(Math.round(time / 1000 - StartTime))}`).join(", ");
  const word = acknowledged.size ? `Acknowledged by ${people}. ` : "";
  if (StopTime) return h("p", { key: "standing", class: "standing" }, word, "Stopped ", moment(StopTime), ".");
  if (next.length) {
    const [{ time }] = next;
    const who = [...new Set(next.filter((each) => each.time === time).map((each) => name(each.contactArn)))].join(", ");
    return h("p", { key: "standing", class: "standing next-up" }, theirs(word), "Next: ", h("b", { dir: "auto" }, who), " ", countdown(Date.parse(time)));
  }
  if (acknowledged.size) return h("p", { key: "standing", class: "standing done" }, theirs(word), "Nobody else is paged.");
  return h("p", { key: "standing", class: "standing failed" }, sent.length ? "Everybody was paged, and nobody has acknowledged." : "Nobody was paged.");
}

function pageRow(page, sent, acknowledged, name, done) {
  const who = name(page.ContactArn);
  const over = CHANNELS[sent?.type] ?? "page";
  const read = page.ReadTime && page.ReadTime - page.SentTime;
  return h("li", { key: page.PageArn, class: `paged ${page.ReadTime ? "acknowledged" : "sent-page"}` },
    h("div", { class: "what" },
      h("p", {}, h("b", { dir: "auto" }, who), ` by ${over} `, theirs(sent?.address ?? "", "span", { class: "muted" })),
      wayOf(page.way, name),
      page.ReadTime && h("p", { key: "read", class: "word" }, "Acknowledged ", clockTime(page.ReadTime * 1000), `, after ${span(Math.round(read))}`),
      !page.ReadTime && page.DeliveryTime && h("p", { key: "delivered", class: "muted" }, "delivered ", clockTime(page.DeliveryTime * 1000))),
    sent && !acknowledged.has(page.ContactArn) && h("button", { type: "button", "aria-label": `Acknowledge the ${over} to ${who}`, onclick: () => acknowledge(page, sent, who, over, done) }, "Acknowledge"));
}

function comingRow(each, name) {
  return h("li", { class: "paged to-come" }, h("div", { class: "what" },
    h("p", {}, theirs(name(each.contactArn)), ` by ${CHANNELS[each.type] ?? "page"} `, theirs(each.address, "span", { class: "muted" })),
    wayOf(each.resolutions, name)));
}

function failureRow({ contactArn, contactChannelArn, type, address, reason }, name, state) {
  const who = name(contactArn ?? ownerArn(contactChannelArn));
  return h("li", { class: `paged unreached ${state}` }, h("div", { class: "what" },
    h("p", {}, theirs(who), state === "failed" ? " was not paged" : " will not be paged", type && ` by ${CHANNELS[type] ?? type} `, theirs(address ?? "", "span", { class: "muted" })),
    h("p", { class: "error" }, reason)));
}

/** The way to a page, from what was engaged to the person: by which stages, on call in what. */
function wayOf(way, name) {
  const told = (way ?? []).map(({ ContactArn, Type, StageIndex }) => {
    if (Type === "ONCALL_SCHEDULE") return `on call in ${name(ContactArn)}`;
    if (Type === "ESCALATION") return `stage ${StageIndex + 1} of ${name(ContactArn)}`;
    return StageIndex > 0 ? `stage ${StageIndex + 1} of their own plan` : null;
  });
  const words = told.filter(Boolean).join(" · ");
  return words ? h("p", { key: "way", class: "muted" }, theirs(words)) : null;
}

function acknowledge(page, sent, who, over, done) {
  dialog({
    title: `Acknowledge for ${who}?`,
    submit: "Acknowledge",
    content: [h("p", { dir: "auto" }, `This is what ${who} does by answering the ${over} with its code, ${sent.acceptCode}.`)],
    act: async () => {
      await contacts.call("AcceptPage", { PageId: page.PageArn, AcceptType: "READ", AcceptCode: sent.acceptCode });
      done();
    },
  });
}

function stop(engagement, name, done) {
  const reason = field("Reason", h("input", { type: "text", maxlength: 255, dir: "auto" }), "It is on the timeline; may be left out.");
  dialog({
    title: `Stop the engagement of ${name(engagement.ContactArn)}?`,
    submit: "Stop",
    danger: true,
    content: [h("p", {}, "Nobody else is paged by it. It cannot be started again."), reason.row],
    act: async () => {
      const Reason = reason.control.value.trim();
      await contacts.call("StopEngagement", { EngagementId: engagement.EngagementArn, ...(Reason && { Reason }) });
      done();
    },
  });
}
