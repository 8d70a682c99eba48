// Elements from values, and a tree that changes without disturbing whoever works in it.
// Text is only ever text: nothing here, or elsewhere on this page, parses HTML.

const EVENTS = ["onclick", "onchange", "oninput", "onsubmit", "ontoggle"];
// What a person changes by working with the page, which is not for a redraw to take back.
const THEIRS = ["open", "value", "checked"];

/** Make an element; children are elements, texts, numbers and lists of them, and null is none. */
export function h(name, properties, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (EVENTS.includes(key)) element[key] = value;
    else if (key === "style") element.style.cssText = value; // as an attribute the policy forbids it
    else if (key === "key") element.dataset.key = value;
    else if (key === "href" && !isSafe(value)) continue;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Say whether an address may become a link: a view of this page, or the web. */
export function isSafe(address) {
  if (address.startsWith("#")) return true;
  try {
    return ["http:", "https:"].includes(new URL(address).protocol);
  } catch {
    return false;
  }
}

/** Make the children of `parent` look like `fresh`, and keep every element that can stay. */
export function redraw(parent, fresh) {
  const focused = document.activeElement;
  patchChildren(parent, fresh);
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
}

function patchChildren(parent, fresh) {
  const keys = new Set(fresh.map((node) => node.dataset?.key).filter(Boolean));
  for (const child of [...parent.children]) {
    if (child.dataset.key && !keys.has(child.dataset.key)) child.remove();
  }
  const keyed = new Map([...parent.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));
  let place = parent.firstChild;
  for (const node of fresh) {
    const key = node.dataset?.key;
    const old = key ? keyed.get(key) : place && !place.dataset?.key ? place : null;
    if (!old || old.nodeName !== node.nodeName) {
      parent.insertBefore(node, place);
      continue;
    }
    if (old === place) place = place.nextSibling;
    else parent.insertBefore(old, place);
    patch(old, node);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function patch(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  // A form belongs to the person who fills it in until another one takes its place.
  if (old.dataset.mine !== undefined) return;
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !THEIRS.includes(name)) old.removeAttribute(name);
  }
  if (old.style.cssText !== fresh.style.cssText) old.style.cssText = fresh.style.cssText;
  for (const { name, value } of fresh.attributes) {
    if (name !== "style" && !THEIRS.includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const event of EVENTS) old[event] = fresh[event];
  patchChildren(old, [...fresh.childNodes]);
}
