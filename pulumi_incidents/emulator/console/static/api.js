// Asks the local AWS. Every call is an operation of Incident Manager, or of its contacts, with the
// input of its API; beside these is what AWS tells nobody but the person it pages.

let place = null;

/** An error that a person can read: `code` as the API has it, or NoAnswer. */
export class ApiError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Work from now on in this account: `{account, partition}`. */
export function workIn(other) {
  place = other && { account: other.account, partition: other.partition };
}

export function workingIn() {
  return place;
}

/** Return `{account, partition}` of an ARN of Incident Manager or its contacts, or null. */
export function placeOf(arn) {
  const found = /^arn:(aws[a-z-]*):ssm-(?:incidents|contacts):[a-z0-9-]*:(\d{12}):/.exec(arn);
  return found && { partition: found[1], account: found[2] };
}

/** Return the place of the first ARN in an input: a person may have gone to another account since. */
function placeIn(input) {
  return Object.values(input).map(placeOf).find(Boolean) ?? place;
}

/** Return how the operations of a service are called; it spells what they share in its own way. */
function service(name, spelled) {
  async function call(operation, input = {}) {
    const asked = placeIn(input);
    const where = asked ? `?${new URLSearchParams(asked)}` : "";
    return post(`call/${name}/${operation}${where}`, input);
  }

  /** Return what all pages of a List operation have under `member`. */
  async function all(operation, member, input = {}) {
    const found = [];
    let token;
    do {
      const page = await call(operation, { [spelled.most]: 100, ...input, ...(token && { [spelled.next]: token }) });
      found.push(...page[member]);
      token = page[spelled.next];
    } while (token);
    return found;
  }

  /** Return a function that calls, and that after a lost answer does not do the same thing twice. */
  function once(operation) {
    let last = {};
    return (input) => {
      const asked = JSON.stringify(input);
      if (last.asked !== asked) last = { asked, token: crypto.randomUUID() };
      return call(operation, { ...input, [spelled.token]: last.token });
    };
  }

  return { call, all, once };
}

export const { call, all, once } = service("ssm-incidents", { next: "nextToken", most: "maxResults", token: "clientToken" });
export const contacts = service("ssm-contacts", { next: "NextToken", most: "MaxResults", token: "IdempotencyToken" });

/** Return an answer, or `none` where there is one of these errors instead. */
export async function unless(promise, codes, none) {
  try {
    return await promise;
  } catch (error) {
    if (codes.includes(error.code)) return none;
    throw error;
  }
}

export async function messages(incident) {
  const about = incident ? `?${new URLSearchParams({ incident })}` : "";
  return (await ask(`/_local/messages${about}`)).messages;
}

export async function denials() {
  return (await ask("/_local/denials")).denials;
}

/** Return the pages that were sent for an incident, oldest first. */
export async function pages(incident) {
  return (await ask(`/_local/pages?${new URLSearchParams({ incident })}`)).pages;
}

/** Return the pages that are to come if nobody says a word, the next one first. */
export async function upcoming(incident) {
  const about = incident ? `?${new URLSearchParams({ incident })}` : "";
  const coming = (await ask(`/_local/upcoming${about}`)).upcoming;
  return coming.filter((each) => !place || isHere(each.engagementArn));
}

function isHere(arn) {
  const [, partition, , , account] = arn.split(":");
  return partition === place.partition && account === place.account;
}

/** Return the codes that were sent to channels and not used. */
export async function activations() {
  return (await ask("/_local/activations")).activations;
}

/** Move the clock: `{advance: seconds}`, `{time, running}` or, with the wall again, nothing. */
export function moveClock(change) {
  return post("clock", change);
}

export function state() {
  return ask("/_local/console/state", { signal: AbortSignal.timeout(10000) });
}

function post(path, content) {
  return ask(`/_local/console/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(content),
  });
}

async function ask(address, options) {
  let response;
  let text;
  try {
    response = await fetch(address, options);
    text = await response.text();
  } catch {
    throw new ApiError("NoAnswer", "The local AWS gave no answer. What was asked of it may have been done all the same.");
  }
  let body = {};
  try {
    body = text ? JSON.parse(text) : {};
  } catch {
    if (response.ok) throw new ApiError("NoAnswer", "The local AWS gave an answer that is not JSON.");
  }
  if (response.ok) return body;
  const code = (response.headers.get("X-Amzn-ErrorType") ?? body.__type ?? `HTTP ${response.status}`).split(":")[0];
  throw new ApiError(code, body.message ?? body.Message ?? "The local AWS gave no reason.");
}
