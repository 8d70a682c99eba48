// The pieces that views are made of.

import { now } from "./clock.js";
import { h } from "./dom.js";
import { actor, age, clockSpan, count, IMPACTS, nameOf } from "./words.js";

/** A moment as `3 min ago`; the whole of it is in its tooltip. `time` is in seconds, or ISO text. */
export function moment(time) {
  const date = new Date(typeof time === "number" ? time * 1000 : time);
  const valid = !Number.isNaN(date.getTime());
  if (!valid) return h("span", {}, String(time));
  return h("time", { datetime: date.toISOString(), title: exactly(date) }, age(date.getTime(), now()));
}

/** How long it is until a time, by the clock of the local AWS, each second anew: see `tick`. */
export function countdown(time) {
  return h("time", { class: "countdown", datetime: new Date(time).toISOString(), "data-until": time, title: exactly(new Date(time)) }, left(time));
}

/** Let every countdown on the page say what is left by now. */
export function tick() {
  for (const each of document.querySelectorAll("[data-until]")) each.textContent = left(Number(each.dataset.until));
}

function left(time) {
  const seconds = Math.ceil((time - now()) / 1000);
  return seconds > 0 ? `in ${clockSpan(seconds)}` : "now";
}

export function exactly(date) {
  return date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

export function impact(level) {
  return h("span", { class: `impact impact-${level}` }, h("b", {}, level), ` ${IMPACTS[level] ?? ""}`);
}

export function status(value) {
  const word = value[0] + value.slice(1).toLowerCase();
  return h("span", { class: `status status-${value.toLowerCase()}` }, word);
}

/** Text of a person, in whatever direction it is written. */
export function theirs(text, name = "span", properties = {}) {
  return h(name, { dir: "auto", ...properties }, text);
}

export function incidentLink(arn, ...content) {
  return h("a", { href: `#/incident/${encodeURIComponent(arn)}` }, ...content);
}

export function planLink(arn, ...content) {
  return h("a", { href: `#/plan/${encodeURIComponent(arn)}` }, ...content);
}

/** A link to elsewhere; an address that is none of the web stays text. */
export function webLink(address, text = address) {
  const link = h("a", { href: address, rel: "noopener noreferrer", target: "_blank", dir: "auto" }, text);
  return link.hasAttribute("href") ? link : theirs(text);
}

export function section(key, title, ...content) {
  const id = `section-${key}`;
  return h("section", { key, class: "card", "aria-labelledby": id }, h("h2", { id, key: "title" }, title), ...content);
}

/** A list of pairs; a value that is null takes its pair along. */
export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined);
  return h("dl", { class: "facts" }, shown.map(([name, value]) => h("div", {}, h("dt", { dir: "auto" }, name), h("dd", { dir: "auto" }, value))));
}

export function arn(value) {
  return h("span", { class: "arn", title: value }, value);
}

/** Who did something, with the whole ARN in the tooltip. */
export function by(value) {
  return h("span", { title: value }, actor(value).replace(/^Somebody$/, "somebody"));
}

export function drillMark() {
  return h("span", { class: "drill" }, "Drill");
}

export function named(value) {
  return h("span", { title: value }, nameOf(value));
}

export function raw(label, value, key = "raw") {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return h("details", { key, class: "raw" }, h("summary", {}, label), h("pre", { tabindex: 0 }, text));
}

export function empty(...content) {
  return h("div", { key: "empty", class: "empty" }, ...content);
}

/** The first `limit` of `items` drawn, and a button for more of them. */
export function some(items, limit, draw, more, noun, name = "ul") {
  const left = items.length - limit;
  return [
    h(name, { key: "rows", class: "rows" }, items.slice(0, limit).map(draw)),
    left > 0 && h("p", { key: "more", class: "more" }, h("button", { type: "button", onclick: more }, `Show more: ${count(left, noun)} left`)),
  ].filter(Boolean);
}

export function tags(values) {
  const pairs = Object.entries(values);
  if (!pairs.length) return null;
  return h("ul", { class: "tags" }, pairs.map(([key, value]) => h("li", { dir: "auto" }, value === "" ? key : `${key} = ${value}`)));
}

/** Free text of any length; what is long scrolls, also by keyboard. */
export function prose(text) {
  return theirs(text, "p", text.length > 1200 ? { class: "prose long", tabindex: 0 } : { class: "prose" });
}
