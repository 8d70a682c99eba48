// The timeline of an incident, newest first: each event as a sentence, its data behind it.

import { call, unless } from "./api.js";
import { h } from "./dom.js";
import { empty, exactly, facts, moment, raw, some, theirs } from "./parts.js";
import { describe, parsed } from "./words.js";

export const RUNBOOK = "SSM Automation Execution Start for Incident";
const SHOWN = 50;

/** Return the data of the events that are shown or of these kinds, by event id; what is known is not asked again. */
export async function detailsOf(incidentRecordArn, timeline, ui, kinds) {
  ui.known ??= new Map();
  const wanted = timeline.filter((event, index) => index < (ui.limit ?? SHOWN) || [RUNBOOK, ...kinds].includes(event.eventType));
  const pairs = await Promise.all(wanted.map(async (event) => {
    const version = `${event.eventId} ${event.eventUpdatedTime}`;
    if (!ui.known.has(version)) {
      const found = await unless(call("GetTimelineEvent", { incidentRecordArn, eventId: event.eventId }), ["ResourceNotFoundException"], null);
      ui.known.set(version, parsed(found?.event.eventData ?? ""));
    }
    return [event.eventId, ui.known.get(version)];
  }));
  return new Map(pairs);
}

export function events(view) {
  const { data: { timeline, details }, ui } = view;
  if (!timeline.length) return empty("Nothing is on the timeline.");
  const more = () => {
    ui.limit = (ui.limit ?? SHOWN) + SHOWN;
    view.reload();
  };
  return h("div", { key: "events", class: "timeline" }, some(timeline, ui.limit ?? SHOWN, (event) => row(event, details.get(event.eventId)), more, "event", "ol"));
}

function row(event, data) {
  const { said, facts: pairs, note } = describe(event.eventType, data);
  const time = new Date(event.eventTime * 1000);
  return h("li", { key: event.eventId, class: note === null || note === undefined ? "event" : "event noted" },
    h("p", { class: "said" }, theirs(said)),
    note !== null && note !== undefined && theirs(note, "p", { class: "note" }),
    pairs.length > 0 && facts(pairs),
    h("div", { key: "meta", class: "meta" }, h("p", { class: "muted" }, moment(event.eventTime), " · ", exactly(time)),
      raw("Raw data", { eventType: event.eventType, eventReferences: event.eventReferences, eventData: data })));
}
