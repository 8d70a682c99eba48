// Watches the local AWS: what is new, and whether it is there at all.

import { state } from "./api.js";

const EVERY = 1000;
const WHILE_AWAY = 2000;

/**
 * Call `changed(state, restarted)` at first and whenever something is new, `away(since)` with the
 * time of the last answer when there is none any more, and `away(null)` when there is one again.
 * A hidden page asks nothing. Returns a function that looks at once.
 */
export function watch(changed, away) {
  let known = null;
  let boot = null;
  let answered = new Date();
  let gone = null;
  let timer = null;
  let asking = false;

  async function look() {
    clearTimeout(timer);
    if (asking || document.hidden) return;
    asking = true;
    let wait = EVERY;
    try {
      const found = await state();
      answered = new Date();
      if (gone !== false) away(null);
      gone = false;
      const seen = JSON.stringify(found);
      if (seen !== known) {
        const restarted = boot !== null && boot !== found.boot;
        boot = found.boot;
        known = seen;
        changed(found, restarted);
      }
    } catch {
      if (gone !== true) away(answered);
      gone = true;
      wait = WHILE_AWAY;
    }
    asking = false;
    timer = setTimeout(look, wait);
  }

  document.addEventListener("visibilitychange", look);
  look();
  return look;
}
