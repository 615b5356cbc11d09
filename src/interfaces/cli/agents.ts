import type { Json } from "../../agents/kit/mod.ts";
import { agent } from "../../domain/agent/decider.ts";
import { aggregateGroup } from "./aggregate-commands.ts";
import { fieldOf, textOf } from "./text.ts";
import type { Listing } from "./views.ts";

/** People send no heartbeats. */
const presenceText = (document: Json): string => {
  if (fieldOf(document, "registered") === false) return "deregistered";
  return fieldOf(document, "metadata", "kind") === "person" ? "person" : textOf(document, "status");
};

const loadText = (document: Json): string => {
  const active = fieldOf(document, "activeTasks");
  return `${Array.isArray(active) ? active.length : 0} of ${textOf(document, "maxConcurrentTasks")}`;
};

/** `review, plan 2.1 (3 at once)` */
const capabilitiesText = (document: Json): string => {
  const names = fieldOf(document, "capabilities");
  return (Array.isArray(names) ? names.map(String) : [])
    .map((name) => {
      const most = textOf(document, "capabilityDetails", name, "maxConcurrent");
      return [name, textOf(document, "capabilityDetails", name, "version"), most === "" ? "" : `(${most} at once)`]
        .filter((part) => part !== "")
        .join(" ");
    })
    .join(", ");
};

/** The list shows whether an agent is there, since when, its load, and what it can do. */
export const agentListing: Listing = {
  headings: ["ID", "PRESENCE", "SINCE", "LOAD", "CAPABILITIES", "NAME"],
  row: (document) => [
    textOf(document, "id"),
    presenceText(document),
    textOf(document, "lastSeen") || textOf(document, "registeredAt"),
    loadText(document),
    capabilitiesText(document),
    textOf(document, "name"),
  ],
};

/** `cim agents`. */
export const agents = aggregateGroup(agent, agentListing);
