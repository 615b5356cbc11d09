import { HashMap, Option } from "effect";
import {
  accept,
  type CommandOf,
  canonicalJson,
  defineDecider,
  Name,
  ownId,
  type PayloadOf,
  refuse,
} from "../kernel/mod.ts";
import {
  type KnowledgeContext,
  type KnowledgeDecision,
  type KnownToSpaces,
  knowledgeCommands,
  knowledgeEvents,
} from "./contract.ts";
import { systemSpace } from "./policy.ts";
import { add, addAll, revoke, type Settling } from "./recording.ts";
import type { Resolution } from "./resolution.ts";
import { emptySpace, evolve, SpaceState } from "./state.ts";

/** Puts one candidate of a conflict to the vote: the named one, or otherwise the most trusted. */
const requestVote = (
  { subject, predicate, fact }: PayloadOf<typeof knowledgeCommands, "resolve">,
  { candidates }: Resolution,
  space: SpaceState,
  aggregateId: string,
): KnowledgeDecision => {
  const open = space.votes.find((one) => one.subject === subject && one.predicate === predicate);
  if (open !== undefined)
    return refuse("already-voting", `this conflict already has a vote: vote on proposal \`${open.proposal}\``, {
      proposal: open.proposal,
    });
  const [best] = [...candidates].sort((one, other) => other.confidence - one.confidence);
  const chosen = fact === undefined ? best : candidates.find(({ id }) => id === fact);
  if (chosen === undefined)
    return refuse(
      "not-a-candidate",
      `fact ${fact} is not one of those in conflict: name one of \`details.candidates\``,
      {
        candidates: candidates.map(({ id }) => id),
      },
    );
  return accept({
    type: "resolution-requested",
    data: {
      subject,
      predicate,
      fact: chosen.id,
      title: `${subject} ${predicate} ${chosen.object}`,
      proposal: ownId(aggregateId, `resolve-${space.voted + 1}`),
    },
  });
};

/** Ends a vote on a conflict: settles the approved fact, or leaves the conflict open. */
const settle = (
  { fact, ...about }: PayloadOf<typeof knowledgeCommands, "settle">,
  space: SpaceState,
  add: (settled: Settling) => KnowledgeDecision,
): KnowledgeDecision => {
  if (!space.votes.some(({ proposal }) => proposal === about.proposal)) return accept();
  return fact === undefined
    ? accept({ type: "resolution-rejected", data: about })
    : add({ type: "settle", payload: { ...about, fact } });
};

const resolve = (
  payload: PayloadOf<typeof knowledgeCommands, "resolve">,
  space: SpaceState,
  { aggregateId, known: { resolution } }: KnowledgeContext,
): KnowledgeDecision => {
  const { subject, predicate } = payload;
  if (resolution === undefined)
    return refuse(
      "not-single-valued",
      `space \`${aggregateId}\`: \`${predicate}\` may have many objects; name it in \`configure\` with a strategy first`,
    );
  const { strategy, winner, candidates, why } = resolution;
  if (candidates.length === 0)
    return refuse(
      "unknown-fact",
      `space \`${aggregateId}\`: there is no fact with subject \`${subject}\` and predicate \`${predicate}\``,
    );
  if (strategy === "vote") return requestVote(payload, resolution, space, aggregateId);
  if (winner === undefined) return accept();
  return accept({
    type: "conflict-resolved",
    data: {
      subject,
      predicate,
      strategy,
      winner,
      why,
      candidates: candidates.map(({ id, confidence }) => ({ id, confidence })),
    },
  });
};

const configure = (
  payload: PayloadOf<typeof knowledgeCommands, "configure">,
  space: SpaceState,
  { aggregateId, principal }: KnowledgeContext,
): KnowledgeDecision => {
  const { owner = principal } = space;
  if (owner !== principal)
    return refuse(
      "not-the-owner",
      `space \`${aggregateId}\` belongs to \`${owner}\`, and only the owner sets its rules`,
      { owner },
    );
  const policy = { ...space.policy, ...payload };
  const isNews = space.owner === undefined || canonicalJson(policy) !== canonicalJson(space.policy);
  return isNews ? accept({ type: "space-configured", data: { policy, owner } }) : accept();
};

const decide = (
  command: CommandOf<typeof knowledgeCommands>,
  space: SpaceState,
  context: KnowledgeContext,
): KnowledgeDecision => {
  switch (command.type) {
    case "assert-facts":
      return addAll(command.payload, space, context);
    case "resolve":
      return resolve(command.payload, space, context);
    case "configure":
      return configure(command.payload, space, context);
    case "revoke-records":
      return revoke(command.payload, space, context);
    case "start-epoch":
      return command.payload.epoch === space.epoch + 1
        ? accept({ type: "epoch-started", data: command.payload })
        : accept();
    case "settle":
      return settle(command.payload, space, (settled) => add(settled, space, context));
    default:
      return add(command, space, context);
  }
};

/** A space of facts that agents and people assert, with their authors, evidence and beliefs. */
export const knowledge = defineDecider<KnownToSpaces>()({
  name: "knowledge",
  description: "A space of facts that agents and people assert, with their authors, evidence and beliefs.",
  id: Name,
  commands: knowledgeCommands,
  events: knowledgeEvents,
  relations: {
    owner: ({ owner }, { principal }) => owner === principal,
    unowned: ({ owner }) => owner === undefined,
    author: ({ facts }, { principal, command }) =>
      command.type === "retract-fact" &&
      Option.getOrElse(HashMap.get(facts, command.payload.fact), () => principal) === principal,
    "not-the-systems": (_, { id }) => id !== systemSpace,
  },
  state: SpaceState,
  stateVersion: 2,
  initial: emptySpace,
  decide,
  evolve,
});
