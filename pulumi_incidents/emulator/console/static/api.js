// Asks the local AWS. Every call is an operation of Incident Manager, with the input of its API.

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

/** Return `{account, partition}` of an ARN of Incident Manager, or null. */
export function placeOf(arn) {
  const found = /^arn:(aws[a-z-]*):ssm-incidents::(\d{12}):/.exec(arn);
  return found && { partition: found[1], account: found[2] };
}

export async function call(operation, input = {}) {
  const where = place ? `?${new URLSearchParams(place)}` : "";
  return ask(`/_local/console/call/${operation}${where}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(input),
  });
}

/** Return what all pages of a List operation have under `member`. */
export async function all(operation, member, input = {}) {
  const found = [];
  let nextToken;
  do {
    const page = await call(operation, { maxResults: 100, ...input, ...(nextToken && { nextToken }) });
    found.push(...page[member]);
    nextToken = page.nextToken;
  } while (nextToken);
  return found;
}

/** Return an answer, or `none` where there is one of these errors instead. */
export async function unless(promise, codes, none) {
  try {
    return await promise;
  } catch (error) {
    if (codes.includes(error.code)) return none;
    throw error;
  }
}

/** Return a function that calls, and that after a lost answer does not do the same thing twice. */
export function once(operation) {
  let last = {};
  return (input) => {
    const asked = JSON.stringify(input);
    if (last.asked !== asked) last = { asked, clientToken: crypto.randomUUID() };
    return call(operation, { ...input, clientToken: last.clientToken });
  };
}

export async function messages(incident) {
  const about = incident ? `?${new URLSearchParams({ incident })}` : "";
  return (await ask(`/_local/messages${about}`)).messages;
}

export async function denials() {
  return (await ask("/_local/denials")).denials;
}

export function state() {
  return ask("/_local/console/state", { signal: AbortSignal.timeout(10000) });
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
