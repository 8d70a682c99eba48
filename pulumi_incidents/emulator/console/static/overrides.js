// Overrides: who is on call instead, for a while.

import { contacts } from "./api.js";
import { now } from "./clock.js";
import { h } from "./dom.js";
import { dialog, field } from "./forms.js";
import { theirs } from "./parts.js";
import { DAY, instant, MINUTE, spelled, wall } from "./zones.js";

/** The overrides of the rotations of a schedule that are still good at some time, or null. */
export function overrides(lanes, name, done) {
  const rows = lanes.flatMap((lane) => lane.overrides.filter((each) => each.EndTime * 1000 > now()).map((each) => row(lane, each, name, done)));
  return rows.length ? h("ul", { key: "overrides", class: "rows" }, rows) : null;
}

function row(lane, override, name, done) {
  const who = override.NewContactIds.map(name).join(", ") || "Nobody";
  const when = `${spelled(override.StartTime * 1000, lane.zone)} – ${spelled(override.EndTime * 1000, lane.zone)}`;
  return h("li", { key: override.RotationOverrideId, class: "row" },
    h("div", { class: "what" }, h("b", {}, "Override: "), theirs(who), h("p", { class: "muted" }, `${when} · ${lane.rotation.Name}`)),
    h("button", { type: "button", class: "quiet", "aria-label": `Remove the override of ${who}, ${when}`, onclick: () => remove(lane, override, `${who}, ${when}`, done) }, "Remove"));
}

function remove(lane, { RotationOverrideId }, label, done) {
  dialog({
    title: "Remove the override?",
    submit: "Remove",
    danger: true,
    content: [h("p", { dir: "auto" }, `${label}. Who is on call by turns is so again.`)],
    act: async () => {
      await contacts.call("DeleteRotationOverride", { RotationId: lane.rotation.RotationArn, RotationOverrideId });
      done();
    },
  });
}

/** Ask who is on call instead and when, in a rotation of a schedule. */
export function add(lane, name, done) {
  const hour = 60 * MINUTE;
  const begin = Math.ceil(now() / hour) * hour;
  const when = (label, time) => field(label, h("input", { type: "datetime-local", value: wall(time, lane.zone) }), `By the clocks of ${lane.zone}.`);
  const [from, until] = [when("From", begin), when("Until", begin + DAY)];
  const choices = lane.members.map((arn) => ({ arn, box: h("input", { type: "checkbox" }) }));
  const create = contacts.once("CreateRotationOverride");
  dialog({
    title: `Override ${lane.rotation.Name}`,
    submit: "Add the override",
    content: [
      h("fieldset", { class: "field" }, h("legend", {}, "On call instead"),
        choices.map(({ arn, box }) => h("label", { class: "choice" }, box, theirs(name(arn)))),
        h("p", { class: "hint" }, "With nobody chosen, nobody is on call.")),
      from.row, until.row,
    ],
    act: async () => {
      const [StartTime, EndTime] = [from, until].map(({ control }) => secondsOf(control.value, lane.zone));
      const NewContactIds = choices.filter(({ box }) => box.checked).map(({ arn }) => arn);
      await create({ RotationId: lane.rotation.RotationArn, NewContactIds, StartTime, EndTime });
      done();
    },
  });
}

function secondsOf(text, zone) {
  if (!text) throw new Error("Say from when until when.");
  return instant(text.slice(0, 16), zone) / 1000;
}
