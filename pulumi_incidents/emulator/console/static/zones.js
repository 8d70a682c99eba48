// Time zones: what the clocks of one show, and when they show it. Pure; times are in milliseconds.

export const MINUTE = 60000;
export const DAY = 1440 * MINUTE;
const formats = new Map();

function format(zone, locale, options) {
  const key = JSON.stringify([zone, locale, options]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }));
  return formats.get(key);
}

/** Return the zone, or UTC where this browser does not know it. */
export function known(zone) {
  try {
    format(zone, "sv-SE", {});
    return zone;
  } catch {
    return "UTC";
  }
}

/** Return what the clocks of a zone show, as `2026-11-30T09:00`. */
export function wall(time, zone) {
  return format(zone, "sv-SE", { dateStyle: "short", timeStyle: "short" }).format(time).replace(" ", "T");
}

/** Return when the clocks show that: the first time of two, and what they skip so much later. */
export function instant(text, zone) {
  const shown = Date.parse(`${text}Z`);
  const found = [-DAY, DAY].map((step) => shown - offset(shown + step, zone)).sort((a, b) => a - b);
  return found.find((each) => wall(each, zone) === text) ?? found[1];
}

function offset(time, zone) {
  return Date.parse(`${wall(time, zone)}Z`) - Math.floor(time / MINUTE) * MINUTE;
}

/** Return when the days begin: `count` of them and the one after, from the day of a time on. */
export function days(time, count, zone) {
  const [first] = wall(time, zone).split("T");
  return Array.from({ length: count + 1 }, (_, index) => {
    const day = new Date(Date.parse(`${first}T00:00Z`) + index * DAY).toISOString().slice(0, 10);
    return instant(`${day}T00:00`, zone);
  });
}

/** Return a time as `Mon 30 Nov, 09:00` on the clocks of a zone. */
export function spelled(time, zone) {
  const date = format(zone, "en-GB", { weekday: "short", day: "numeric", month: "short" }).format(time).replace(",", "");
  return `${date}, ${wall(time, zone).slice(11)}`;
}

export function dayName(time, zone) {
  return format(zone, "en-GB", { weekday: "short", day: "numeric" }).format(time).replace(",", "");
}

export function monthName(time, zone) {
  return format(zone, "en-GB", { month: "short" }).format(time);
}
