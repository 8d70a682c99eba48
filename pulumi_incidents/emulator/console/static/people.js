// People: how each is reached, and in which order.

import { activations, contacts, unless } from "./api.js";
import { channelRow, channelWord } from "./channels.js";
import { allContacts, planInWords, steps, withoutSet } from "./contacts.js";
import { h } from "./dom.js";
import { search } from "./incidents.js";
import { arn, empty, facts, raw, some, theirs } from "./parts.js";
import { count } from "./words.js";

const SHOWN = 20;
const GONE = ["ResourceNotFoundException"];

export async function load(view) {
  const list = await allContacts();
  if (!list) return { people: null };
  const people = list.filter((each) => each.Type === "PERSONAL");
  const shown = matching(people, view).slice(0, view.ui.limit ?? SHOWN);
  const [codes, ...details] = await Promise.all([activations(), ...shown.map(detailsOf)]);
  return {
    people,
    codes: new Map(codes.map((each) => [each.contactChannelArn, each])),
    known: new Map(details.filter(Boolean).map((each) => [each.arn, each])),
  };
}

async function detailsOf({ ContactArn }) {
  const about = { ContactId: ContactArn };
  const [contact, channels] = await Promise.all([
    unless(contacts.call("GetContact", about), GONE, null),
    unless(contacts.all("ListContactChannels", "ContactChannels", about), GONE, []),
  ]);
  return contact && { arn: ContactArn, contact, channels };
}

function matching(people, { query }) {
  const wanted = (query.get("text") ?? "").trim().toLowerCase();
  return people.filter((each) => `${each.Alias}\n${each.DisplayName ?? ""}`.toLowerCase().includes(wanted));
}

export function news(before, after) {
  const added = (after.people?.length ?? 0) - (before.people?.length ?? 0);
  return added > 0 ? count(added, "new person", "new people") : null;
}

export function draw(view) {
  const { data: { people, codes, known }, query, ui } = view;
  const head = (told) => h("div", { key: "head", class: "head" }, h("h1", { key: "title" }, "People"), h("p", { class: "muted" }, told));
  if (!people) return { title: "People", nodes: [head(""), withoutSet()] };
  const found = matching(people, view);
  const more = () => {
    ui.limit = (ui.limit ?? SHOWN) + SHOWN;
    view.redraw();
    view.reload();
  };
  const card = (each) => personCard(each, known.get(each.ContactArn), codes, view.reload);
  return {
    title: "People",
    nodes: [
      head(people.length ? count(people.length, "person", "people") : ""),
      people.length > 0 && h("div", { key: "filters", class: "filters" }, search("Search by name", query.get("text") ?? "", (text) => look(view, text))),
      found.length ? h("div", { key: "list", class: "people" }, some(found, ui.limit ?? SHOWN, card, more, "person")) : nothing(people),
    ].filter(Boolean),
  };
}

function look(view, text) {
  view.query = new URLSearchParams(text && { text });
  history.replaceState(null, "", view.query.size ? `#/people?${view.query}` : "#/people");
  view.redraw();
  view.reload();
}

function personCard(person, details, codes, done) {
  const name = person.DisplayName || person.Alias;
  return h("li", { key: person.ContactArn, class: "person" },
    h("h2", { key: "name" }, theirs(name), " ", person.DisplayName && h("span", { class: "muted" }, person.Alias)),
    details && h("div", { key: "details", class: "columns" },
      h("div", {}, details.channels.length
        ? h("ul", { key: "rows", class: "rows" }, details.channels.map((each) => channelRow(each, codes.get(each.ContactChannelArn), done)))
        : empty("No channel yet: nothing can reach this person. Give them one with CreateContactChannel.")),
      planOf(details)));
}

function planOf({ arn: own, contact, channels }) {
  const byArn = new Map(channels.map((each) => [each.ContactChannelArn, each]));
  const targetName = ({ ChannelTargetInfo: { ContactChannelId: id } }) => {
    const channel = byArn.get(id);
    if (!channel) return "a channel that there is not";
    return `${channelWord(channel.Type)} (${channel.Name})${channel.ActivationStatus === "ACTIVATED" ? "" : ", not activated"}`;
  };
  const targets = steps(contact.Plan).flatMap((each) => each.targets);
  const reached = targets.some((each) => byArn.get(each.ChannelTargetInfo?.ContactChannelId)?.ActivationStatus === "ACTIVATED");
  return h("div", { key: "plan" },
    h("h3", {}, "When engaged"),
    targets.length ? planInWords(contact.Plan, targetName) : empty("The plan has no stages: nobody is paged."),
    targets.length > 0 && !reached && h("p", { key: "warning", class: "notice" }, "No channel of this plan is active: no page arrives."),
    h("details", { key: "raw", class: "raw" }, h("summary", {}, "Details"), facts([["ARN", arn(own)]]), raw("Raw contact", contact)));
}

function nothing(people) {
  if (people.length) return empty(h("h2", {}, "Nobody found"), h("p", {}, h("a", { href: "#/people" }, "Show everybody")));
  return empty(h("h2", {}, "There is nobody yet"),
    h("p", {}, "A contact of the type PERSONAL is somebody who can be paged, by the channels that are activated here. Make one with Pulumi, boto3, Terraform or the AWS CLI at this address; it appears here at once."));
}
