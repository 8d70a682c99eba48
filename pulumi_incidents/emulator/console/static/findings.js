// Findings: deployments and stack updates that may be the cause of an incident.

import { all, call } from "./api.js";
import { h } from "./dom.js";
import { moment, named, section } from "./parts.js";

const AT_ONCE = 20; // neither operation takes more

/** Return the findings of an incident. */
export async function loadFindings(incidentRecordArn) {
  const known = await all("ListIncidentFindings", "findings", { incidentRecordArn, maxResults: AT_ONCE });
  const ids = known.map((each) => each.id);
  const found = [];
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const findingIds = ids.slice(start, start + AT_ONCE);
    const { findings: page } = await call("BatchGetIncidentFindings", { incidentRecordArn, findingIds });
    found.push(...page);
  }
  return found;
}

export function findings(found) {
  if (!found.length) return null;
  return section("findings", "Findings", h("ul", { key: "rows", class: "rows" }, found.map(row)));
}

function row({ id, details, creationTime }) {
  const deployment = details?.codeDeployDeployment;
  const stack = details?.cloudFormationStackUpdate;
  const what = deployment ? ["Deployment ", deployment.deploymentId, " to ", named(deployment.deploymentGroupArn)] : stack ? ["Update of the stack ", named(stack.stackArn)] : [id];
  const times = deployment ?? stack ?? {};
  return h("li", { key: id, class: "row" }, h("div", { class: "what" }, h("span", { dir: "auto" }, ...what),
    h("p", { class: "muted" }, "began ", moment(times.startTime ?? creationTime), times.endTime && [", ended ", moment(times.endTime)])));
}
