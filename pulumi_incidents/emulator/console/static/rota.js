// Who is on call when, from the shifts of rotations. Pure; times are in milliseconds.

/** Return a shift of the API as `{start, end, people, instead}`; of an override, instead of whom. */
export function shiftOf({ StartTime, EndTime, ContactIds, Type, ShiftDetails }) {
  const instead = Type === "OVERRIDDEN" ? ShiftDetails?.OverriddenContactIds ?? [] : null;
  return { start: StartTime * 1000, end: EndTime * 1000, people: ContactIds ?? [], instead };
}

/** Return the shifts in which somebody is on call, each with those of the same people that it touches. */
export function joined(shifts) {
  const found = [];
  for (const each of shifts.filter(({ people }) => people.length)) {
    const last = found.at(-1);
    if (last?.end === each.start && same(last.people, each.people) && same(last.instead, each.instead)) last.end = each.end;
    else found.push({ ...each });
  }
  return found;
}

/** Return `{people, until, next}` at a time: until when, and the first shift of others after. */
export function onCall(shifts, time) {
  const turns = joined(shifts.map((each) => ({ ...each, instead: null })));
  const index = turns.findIndex((each) => each.end > time);
  if (index < 0) return { people: [], until: null, next: null };
  if (turns[index].start > time) return { people: [], until: turns[index].start, next: turns[index] };
  const { people, end } = turns[index];
  return { people, until: end, next: turns.slice(index + 1).find((each) => !same(each.people, people)) ?? null };
}

function same(some, others) {
  return JSON.stringify(some) === JSON.stringify(others);
}

/** Return the times of a range in which nobody of any rotation is on call. */
export function gaps(shifts, from, until) {
  const found = [];
  let covered = from;
  const manned = shifts.filter((each) => each.people.length).sort((a, b) => a.start - b.start);
  for (const { start, end } of manned) {
    if (start >= until) break;
    if (start > covered) found.push({ start: covered, end: start });
    covered = Math.max(covered, end);
  }
  if (covered < until) found.push({ start: covered, end: until });
  return found;
}

/** Return the parts that lie in a range, with `from` and `size` in percent of it. */
export function within(parts, start, end) {
  const percent = (time) => (100 * (Math.min(Math.max(time, start), end) - start)) / (end - start);
  return parts
    .filter((each) => each.start < end && each.end > start)
    .map((each) => ({ ...each, from: percent(each.start), size: percent(each.end) - percent(each.start) }));
}
