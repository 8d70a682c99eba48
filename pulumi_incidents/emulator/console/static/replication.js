// The replication set: where Incident Manager keeps its data.

import { all, call } from "./api.js";
import { h } from "./dom.js";
import { arn, by, empty, facts, moment, named, raw, section, status, tags } from "./parts.js";

export async function load() {
  const [found] = await all("ListReplicationSets", "replicationSetArns");
  if (!found) return {};
  const [{ replicationSet: set }, { tags: own }] = await Promise.all([
    call("GetReplicationSet", { arn: found }),
    call("ListTagsForResource", { resourceArn: found }),
  ]);
  return { set, own };
}

/** Say whether the set is on its way to another state. */
export function settles({ set }) {
  return set !== undefined && !["ACTIVE", "FAILED"].includes(set.status);
}

export function draw({ data: { set, own } }) {
  return { title: "Replication set", nodes: [h("div", { key: "head", class: "head" }, h("h1", { key: "title" }, "Replication set")), set ? shown(set, own) : nothing()] };
}

function shown(set, own) {
  const regions = Object.entries(set.regionMap).map(([name, region]) =>
    h("li", { key: name, class: "row" },
      h("div", { class: "what" }, h("b", {}, name), h("p", { class: "muted" }, region.sseKmsKeyId && region.sseKmsKeyId !== "DefaultKey" ? ["key ", named(region.sseKmsKeyId)] : "AWS owned key", region.statusMessage && ` · ${region.statusMessage}`)),
      status(region.status), h("p", { class: "when muted" }, moment(region.statusUpdateDateTime))));
  return h("div", { key: "columns", class: "columns" },
    h("div", { class: "story" }, section("regions", "Regions", h("ul", { key: "rows", class: "rows" }, regions))),
    h("div", { class: "side" }, section("facts", "Facts",
      facts([
        ["Status", status(set.status)],
        ["Deletion protection", set.deletionProtected ? "on" : "off"],
        ["Made", h("span", {}, moment(set.createdTime), " by ", by(set.createdBy))],
        ["Last change", h("span", {}, moment(set.lastModifiedTime), " by ", by(set.lastModifiedBy))],
        ["Tags", tags(own)],
        ["ARN", arn(set.arn)],
      ]), raw("Raw set", set))));
}

function nothing() {
  return empty(h("h2", {}, "This account has no replication set"),
    h("p", {}, "No plan can be made without one. Make it with any AWS tool at this address:"),
    h("pre", { tabindex: 0 }, `aws ssm-incidents create-replication-set --regions us-east-1={} --endpoint-url ${location.origin}`));
}
