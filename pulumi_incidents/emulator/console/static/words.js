// What the API answers, in words. Pure: values in, texts out.

export const IMPACTS = { 1: "Critical", 2: "High", 3: "Medium", 4: "Low", 5: "No impact" };

const SOURCES = {
  "aws.ssm-incidents.custom": "by hand or by a program",
  "aws.cloudwatch": "by a CloudWatch alarm",
  "aws.events": "by an EventBridge rule",
};
const ATTRIBUTES = {
  chatChannel: "chat channel",
  notificationTargets: "notification targets",
};
const ITEM_TYPES = {
  ANALYSIS: "Analysis",
  ATTACHMENT: "Attachment",
  AUTOMATION: "Runbook execution",
  INCIDENT: "Incident",
  INVOLVED_RESOURCE: "Involved resource",
  METRIC: "Metric",
  OTHER: "Other",
  PARENT: "Parent",
  TASK: "Task",
};

/** What a channel is, by its type. */
export const CHANNELS = { SMS: "text message", VOICE: "call", EMAIL: "e-mail" };

/** Return the ARN of the person that a channel is of, whose alias is in its ARN. */
export function ownerArn(channelArn) {
  return channelArn.replace(/:contact-channel\/([^/]+)\/.*/, ":contact/$1");
}

/** Return the name at the end of an ARN: `checkout` of `arn:…:response-plan/checkout`. */
export function nameOf(arn) {
  return arn.split(/[/:]/).pop() || arn;
}

/** Return the name of the plan of an incident, which is in the incident's ARN. */
export function planName(incidentArn) {
  return incidentArn.split("/")[1] ?? "";
}

export function planArn(incidentArn) {
  return incidentArn.replace(":incident-record/", ":response-plan/").replace(/\/[^/]*$/, "");
}

/** Return whether an incident is a drill: by the plan that the component of that name makes for it. */
export function isDrill(title, displayName) {
  return displayName === undefined ? /^Drill\b/.test(title ?? "") : /^Drill, /.test(displayName ?? "");
}

/** Return who did something, from the ARN: `ana`, `role deployer`, or a service as it is called. */
export function actor(arn) {
  const role = /:assumed-role\/([^/]+)\//.exec(arn);
  if (role) return `role ${role[1]}`;
  // Whoever sends keys that the local IAM does not know: a person, a program or a test.
  return /:sts::\d+:user\/moto$/.test(arn) ? "Somebody" : nameOf(arn);
}

export function startedBy(source) {
  return SOURCES[source] ?? `by ${source}`;
}

/** Return what a trigger is, from its ARN: `alarm failed-payments`. */
export function triggerName(arn) {
  const resource = arn.split(":").slice(5).join(":");
  const kind = /^(alarm|rule|stack|instance)[:/]/.exec(resource);
  return kind ? `${kind[1]} ${resource.slice(kind[0].length)}` : nameOf(arn);
}

export function itemType({ type, value }) {
  if (type === "OTHER" && /^https?:/i.test(value.url ?? "")) return "Link";
  return ITEM_TYPES[type] ?? type;
}

/** Return `{text, url}` of a related item; only some of them have an address. */
export function itemOf(identifier) {
  const { arn, url, metricDefinition, pagerDutyIncidentDetail } = identifier.value;
  if (url !== undefined) return { text: url, url };
  return { text: arn ?? metricName(metricDefinition) ?? pagerDutyIncidentDetail?.id ?? "" };
}

/** Return the name of a metric from its definition, which is JSON of CloudWatch, or that. */
function metricName(definition) {
  const metric = definition && parsed(definition)?.[0]?.metricStat?.metric;
  return metric ? `${metric.namespace} ${metric.name}` : definition;
}

export function count(number, noun, many = `${noun}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? noun : many}`;
}

/** Return how long ago a time was, in the largest unit that says something. */
export function age(time, now) {
  const seconds = Math.round((now - time) / 1000);
  if (seconds < -5) return `in ${span(-seconds)}`;
  return seconds < 5 ? "just now" : `${span(seconds)} ago`;
}

export function span(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} days`;
}

/** Return a span to the second: `4 min 12 s`. */
export function clockSpan(seconds) {
  if (seconds >= 3600) return span(seconds);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Return the value of a text that should be JSON, or the text. */
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Return `{said, facts, note}` of an event on a timeline: a sentence, pairs, and free text. */
export function describe(kind, data) {
  const known = EVENTS[kind];
  try {
    if (known && data && typeof data === "object") return { facts: [], ...known(data) };
  } catch {
    // Data of another shape than the service's own: it is shown as it is.
  }
  const noted = kind === "Note" || kind === "Custom Event";
  return { said: noted && kind === "Note" ? "A note" : kind, facts: [], note: noted ? noteOf(data) : null };
}

function noteOf(data) {
  return typeof data === "string" ? data : JSON.stringify(data, null, 2);
}

const EVENTS = {
  "SSM Incident Trigger": (data) => {
    const by = data.triggerArn ? `by the ${triggerName(data.triggerArn)}` : startedBy(data.incidentSource);
    const reason = parsed(data.rawData ?? "{}")?.detail?.state?.reason;
    return {
      said: data.createdIncident ? `Triggered ${by}` : `Triggered again ${by}, and merged into this incident`,
      facts: reason ? [["Reason", reason]] : [],
    };
  },
  "SSM Incident Start": (data) => {
    const engaged = (data.contactsEngage ?? []).map((each) => nameOf(each.contactArn));
    return {
      said: `The incident started; ${engaged.length ? `engaged ${engaged.join(", ")}` : "nobody is engaged"}`,
      facts: data.ssmDocumentName ? [["Runbook", data.ssmDocumentName]] : [],
    };
  },
  "SSM Automation Execution Start for Incident": (data) => ({
    said: `The runbook ${data.ssmDocumentName} was started`,
    facts: Object.entries(data.parameters ?? {}).map(([name, values]) => [name, values.join(", ") || "(empty)"]),
  }),
  "SSM Automation Execution Start Failure for Incident": (data) => ({
    said: `The runbook ${data.ssmDocumentName} did not start`,
    facts: [["Why", data.errorMessage], ["Code", data.errorCode], ["Role", data.roleArn]],
  }),
  "SSM Incident Notification Failure": (data) => ({
    said: `The topic ${nameOf(data.snsTopicArn)} was not told`,
    facts: [["Why", data.reason], ["Message", data.message]],
  }),
  "SSM Contacts Engagement for Incident": (data) => ({ said: `${nameOf(data.contactArn)} was engaged`, facts: [] }),
  "SSM Contacts Page for Incident": (data) => ({ said: `${nameOf(data.contactArn)} was paged${by(data.contactChannelType)}`, facts: [] }),
  "SSM Contacts Page Acknowledgement for Incident": (data) => ({ said: `${nameOf(data.contactArn)} acknowledged the page${by(data.contactChannelType)}`, facts: [] }),
  "SSM Contacts Engagement Failure for Incident": (data) => ({ said: `${nameOf(data.contactArn)} was not engaged`, facts: [["Why", data.reason]] }),
  "SSM Contacts Page Failure for Incident": (data) => ({ said: `A channel of ${nameOf(ownerArn(data.contactChannelArn))} was not paged`, facts: [["Why", data.reason]] }),
  "SSM Contacts Engagement Stop for Incident": (data) => ({ said: `The engagement of ${nameOf(data.contactArn)} was stopped`, facts: data.reason ? [["Why", data.reason]] : [] }),
  "SSM Incident Record Update": (data) => {
    const changes = data.modifiedAttributes.map(({ attributeName, newValue }) => changed(attributeName, newValue));
    return { said: `${actor(data.modifiedBy)} ${changes.map((each) => each.said).join(", ")}`, facts: changes.flatMap((each) => each.facts) };
  },
};

function by(channelType) {
  return channelType ? ` by ${CHANNELS[channelType] ?? channelType}` : "";
}

function changed(attribute, value) {
  if (attribute === "status") return { said: value === "RESOLVED" ? "resolved the incident" : "reopened the incident", facts: [] };
  if (attribute === "impact") return { said: `set the impact to ${value} ${IMPACTS[value] ?? ""}`, facts: [] };
  if (attribute === "relatedItems") {
    const { itemToAdd, itemToRemove } = parsed(value);
    const { text } = itemOf(itemToAdd ? itemToAdd.identifier : itemToRemove);
    return { said: `${itemToAdd ? "added" : "removed"} a related item`, facts: [[itemToAdd?.title || "Item", text]] };
  }
  const label = ATTRIBUTES[attribute] ?? attribute;
  return { said: `changed the ${label}`, facts: [[label[0].toUpperCase() + label.slice(1), value || "(empty)"]] };
}
