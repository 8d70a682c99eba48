// Findings: deployments and stack updates that may be the cause of an incident.

import { all, call, unless } from "./api.js";
import { h } from "./dom.js";
import { moment, named, section } from "./parts.js";

const AT_ONCE = 20; // BatchGetIncidentFindings takes no more

/** Return the findings of an incident; an API without them has none. */
export async function loadFindings(incidentRecordArn) {
  const none = ["NotImplementedException", "ResourceNotFoundException"];
  const ids = (await unless(all("ListIncidentFindings", "findings", { incidentRecordArn }), none, [])).map((each) => each.id);
  const found = [];
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const findingIds = ids.slice(start, start + AT_ONCE);
    const page = await unless(call("BatchGetIncidentFindings", { incidentRecordArn, findingIds }), none, { findings: [] });
    found.push(...page.findings);
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
