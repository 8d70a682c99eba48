// The clock of the local AWS, which a test may stop or move: how long ago something was is by it.

let clock = { ahead: 0, stopped: null };

/** Go by a clock from now on: so many seconds `ahead` of the wall, or `stopped` at a time. */
export function goBy(other) {
  clock = other;
}

/** Return the time in milliseconds, as `Date.now()` does by the wall. */
export function now() {
  return clock.stopped === null ? Date.now() + clock.ahead * 1000 : Date.parse(clock.stopped);
}

/** Return what is worth telling of the clock: nothing while it runs with the wall. */
export function told(exactly) {
  if (clock.stopped !== null) return `Clock stopped at ${exactly(new Date(clock.stopped))}`;
  return clock.ahead === 0 ? "" : `Clock moved to ${exactly(new Date(now()))}`;
}
