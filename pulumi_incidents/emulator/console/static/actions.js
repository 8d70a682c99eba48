// What a person does to an incident.

import { call, once } from "./api.js";
import { now } from "./clock.js";
import { h } from "./dom.js";
import { dialog, field, form, impactSelect } from "./forms.js";
import { count, nameOf } from "./words.js";

/** Edit; only what was changed here is sent, so what others change meanwhile stays. */
export function edit(record, done) {
  const title = field("Title", h("input", { type: "text", maxlength: 200, value: record.title, dir: "auto" }));
  const level = field("Impact", impactSelect(record.impact));
  const summary = field("Summary", h("textarea", { rows: 8, maxlength: 8000, dir: "auto" }, record.summary));
  const update = once("UpdateIncidentRecord");
  dialog({
    title: "Edit the incident",
    content: [title.row, level.row, summary.row],
    submit: "Save",
    act: async () => {
      const given = { title: title.control.value, impact: Number(level.control.value), summary: summary.control.value };
      const changes = Object.fromEntries(Object.entries(given).filter(([name, value]) => value !== plain(record[name])));
      if (!Object.keys(changes).length) return;
      await update({ arn: record.arn, ...changes });
      done();
    },
  });
}

/** A text as a form holds it: its line breaks are all of one kind. */
function plain(value) {
  return typeof value === "string" ? value.replace(/\r\n?/g, "\n") : value;
}

export function resolve(record, done) {
  changeStatus(record, "RESOLVED", done, {
    title: "Resolve the incident?",
    submit: "Resolve",
    text: "It stays here with its timeline, and can be reopened.",
  });
}

export function reopen(record, done) {
  changeStatus(record, "OPEN", done, {
    title: "Reopen the incident?",
    submit: "Reopen",
    text: "Nobody is engaged again and no runbook starts again.",
  });
}

function changeStatus(record, status, done, { title, submit, text }) {
  const update = once("UpdateIncidentRecord");
  const topics = new Set([...(record.chatChannel?.chatbotSns ?? []), ...(record.notificationTargets ?? []).map((each) => each.snsTopicArn)]);
  const names = [...topics].map(nameOf).join(", ");
  dialog({
    title,
    submit,
    content: [
      h("p", { class: "prose", dir: "auto" }, h("b", {}, record.title)),
      h("p", {}, text),
      h("p", { dir: "auto" }, topics.size ? `A message goes to ${count(topics.size, "topic")}: ${names}.` : "No topic is told."),
    ],
    act: async () => {
      await update({ arn: record.arn, status });
      done();
    },
  });
}

export function noteForm(incidentRecordArn, done) {
  const note = field("Add a note", h("textarea", { rows: 2, maxlength: 5000, dir: "auto" }));
  const create = once("CreateTimelineEvent");
  let time = null;
  return form("note", note.row, "Add to the timeline", async () => {
    const text = note.control.value.trim();
    if (!text) throw new Error("Write something first.");
    // The same time again after a lost answer, so that it is the same note.
    if (time?.text !== text) time = { text, eventTime: now() / 1000 };
    await create({ incidentRecordArn, eventType: "Note", eventTime: time.eventTime, eventData: JSON.stringify(text) });
    time = null;
    note.control.value = "";
    done();
  });
}

export function linkForm(incidentRecordArn, done) {
  const url = field("Address", h("input", { type: "url", maxlength: 1000, placeholder: "https://" }));
  const title = field("Title", h("input", { type: "text", maxlength: 200, dir: "auto" }), "What people will find there; may be left out.");
  const update = once("UpdateRelatedItems");
  return form("link", [url.row, title.row], "Add the link", async (made) => {
    await update({ incidentRecordArn, relatedItemsUpdate: { itemToAdd: linkItem(url.control.value, title.control.value) } });
    made.reset();
    url.control.focus();
    done();
  });
}

/** Return the related item of an address; one of another kind than the web is refused. */
export function linkItem(address, title) {
  if (!/^https?:\/\/[^\s]+$/i.test(address.trim())) throw new Error("The address must start with https:// or http:// and have no spaces.");
  return { identifier: { type: "OTHER", value: { url: address.trim() } }, ...(title.trim() && { title: title.trim() }) };
}

export function removeItem(record, item, label, done) {
  dialog({
    title: "Remove the related item?",
    submit: "Remove",
    danger: true,
    content: [h("p", { class: "prose", dir: "auto" }, label)],
    act: async () => {
      await call("UpdateRelatedItems", { incidentRecordArn: record.arn, relatedItemsUpdate: { itemToRemove: item.identifier } });
      done();
    },
  });
}
