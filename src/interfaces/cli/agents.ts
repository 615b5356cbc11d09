import { agent } from "../../domain/agent/decider.ts";
import { aggregateGroup } from "./aggregate-commands.ts";
import type { Listed } from "./documents.ts";
import type { Listing } from "./views.ts";

type Agent = Listed<"agents">;

/** People send no heartbeats, so they have no presence. */
const presenceText = ({ registered, metadata, status }: Agent): string | undefined => {
  if (registered === false) return "deregistered";
  return metadata?.kind === "person" ? "person" : status;
};

/** `review, plan 2.1 (3 at once)` */
const capabilitiesText = ({ capabilities = [], capabilityDetails = {} }: Agent): string =>
  capabilities
    .map((name) => {
      const { version, maxConcurrent } = capabilityDetails[name] ?? {};
      return [name, version, maxConcurrent === undefined ? undefined : `(${maxConcurrent} at once)`]
        .filter((part) => part !== undefined)
        .join(" ");
    })
    .join(", ");

/** The list shows the presence of each agent, since when, its load, and what it can do. */
export const agentListing: Listing<Agent> = {
  headings: ["ID", "PRESENCE", "SINCE", "LOAD", "CAPABILITIES", "NAME"],
  row: (document) => [
    document.id,
    presenceText(document),
    document.lastSeen ?? document.registeredAt,
    `${document.activeTasks?.length ?? 0} of ${document.maxConcurrentTasks}`,
    capabilitiesText(document),
    document.name,
  ],
};

/** `cim agents`. */
export const agents = aggregateGroup(agent, "agents", agentListing);
