import { Effect } from "effect";
import type { AgentDocument } from "../../contract/views/agents.ts";
import type { FullInputOf } from "../../contract/views/mod.ts";
import { satisfies } from "../../domain/agent/capability.ts";
import type { AnswersOf } from "../queries.ts";
import { getDocument, listDocuments } from "./documents.ts";

const fits =
  ({ capability, version, presence }: FullInputOf<"agents", "find">) =>
  ({ registered, status, capabilities, capabilityDetails }: AgentDocument): boolean =>
    registered &&
    capabilities.includes(capability) &&
    satisfies(capabilityDetails?.[capability]?.version, version) &&
    (presence === undefined ? status !== "offline" : status === presence);

/** The answers about agents. */
export const agentAnswers = {
  get: getDocument("agent"),
  list: listDocuments,
  find: (input, documents) => {
    const found = [...documents.values()]
      .filter(fits(input))
      .map((document) => ({ ...document, load: document.activeTasks.length / document.maxConcurrentTasks }));
    found.sort(
      (one, other) =>
        Number(one.status !== "online") - Number(other.status !== "online") ||
        one.load - other.load ||
        (one.id < other.id ? -1 : 1),
    );
    return Effect.succeed({ items: found });
  },
} satisfies AnswersOf<"agents">;
