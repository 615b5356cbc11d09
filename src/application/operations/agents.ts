import { Effect } from "effect";
import type { AgentDocument, AgentEntry } from "../../contract/views/agents.ts";
import type { FullInputOf } from "../../contract/views/mod.ts";
import { satisfies } from "../../domain/agent/capability.ts";
import { defined } from "../../domain/kernel/mod.ts";
import type { Standing } from "../../domain/principal/standing.ts";
import { Authority } from "../authority.ts";
import type { AnswersOf } from "../queries.ts";
import { getDocument, pageOf } from "./documents.ts";

const fits =
  ({ capability, version, presence }: FullInputOf<"agents", "find">) =>
  ({ registered, status, capabilities, capabilityDetails }: AgentDocument): boolean =>
    registered &&
    capabilities.includes(capability) &&
    satisfies(capabilityDetails?.[capability]?.version, version) &&
    (presence === undefined ? status !== "offline" : status === presence);

const entryOf = (document: AgentDocument, standings: (principal: string) => Standing): AgentEntry => {
  const { roles, stopped } = standings(document.id);
  return { ...document, roles: [...roles], ...defined({ stopped }) };
};

/** The answers about agents. */
export const agentAnswers = {
  get: Effect.fnUntraced(function* (input, documents) {
    return entryOf(yield* getDocument("agent")(input, documents), yield* (yield* Authority).standings);
  }),
  list: Effect.fnUntraced(function* (input, documents, room) {
    const standings = yield* (yield* Authority).standings;
    return pageOf(documents, input, (document) => entryOf(document, standings), room);
  }),
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
} satisfies AnswersOf<"agents", Authority>;
