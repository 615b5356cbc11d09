import type { Result } from "effect";
import { accept, type CommandOf, type EventOf, type Rejection, refuse } from "../kernel/mod.ts";
import type { knowledgeCommands, knowledgeEvents } from "./contract.ts";
import type { Settling } from "./recorded.ts";
import type { Resolution } from "./resolution.ts";
import type { SpaceState } from "./state.ts";

type Command = CommandOf<typeof knowledgeCommands>;
type Decision = Result.Result<ReadonlyArray<EventOf<typeof knowledgeEvents>>, Rejection>;

/** Puts one candidate of a conflict to the vote: the one that was named, otherwise the most trusted. */
export const requestVote = (
  { subject, predicate, fact }: Extract<Command, { type: "resolve" }>["payload"],
  { candidates }: Resolution,
  space: SpaceState,
  aggregateId: string,
): Decision => {
  const open = space.votes.find((one) => one.subject === subject && one.predicate === predicate);
  if (open !== undefined)
    return refuse("already-voting", `this conflict is voted on already: vote on proposal \`${open.proposal}\``, {
      proposal: open.proposal,
    });
  const [best] = [...candidates].sort((one, other) => other.confidence - one.confidence);
  const chosen = fact === undefined ? best : candidates.find(({ id }) => id === fact);
  if (chosen === undefined)
    return refuse("not-a-candidate", `fact ${fact} is none of those in conflict: name one of \`details.candidates\``, {
      candidates: candidates.map(({ id }) => id),
    });
  return accept({
    type: "resolution-requested",
    data: {
      ...{ subject, predicate, fact: chosen.id },
      title: `${subject} ${predicate} ${chosen.object}`,
      proposal: `${aggregateId}-resolve-${space.voted + 1}`,
    },
  });
};

/** What a vote that is over means for its conflict. */
export const settle = (
  { fact, ...about }: Extract<Command, { type: "settle" }>["payload"],
  space: SpaceState,
  add: (settled: Settling) => Decision,
): Decision => {
  if (!space.votes.some(({ proposal }) => proposal === about.proposal)) return accept();
  return fact === undefined
    ? accept({ type: "resolution-rejected", data: about })
    : add({ type: "settle", payload: { ...about, fact } });
};
