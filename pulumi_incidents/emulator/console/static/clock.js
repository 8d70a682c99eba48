// The clock of the local AWS, which a test or a person may stop or move: everything here goes by it.

let clock = { ahead: 0, stopped: null };

/** Go by a clock from now on: so many seconds `ahead` of the wall, or `stopped` at a time. */
export function goBy(other) {
  clock = other;
}

/** Return the time in milliseconds, as `Date.now()` does by the wall. */
export function now() {
  return running() ? Date.now() + clock.ahead * 1000 : Date.parse(clock.stopped);
}

export function running() {
  return clock.stopped === null;
}

/** Return what is worth telling of the clock: nothing while it runs with the wall. */
export function told() {
  if (!running()) return "stopped";
  return clock.ahead === 0 ? "" : "moved";
}
