import { Effect, Stream } from "effect";
import { proposal } from "../../domain/consensus/decider.ts";
import { resultOf } from "../../domain/consensus/result.ts";
import type { ProposalState } from "../../domain/consensus/state.ts";
import { canonicalJson, isEventOf } from "../../domain/kernel/mod.ts";
import { aggregateOf } from "../aggregate.ts";
import { recordedEvents } from "../history.ts";
import { type Commit, Digests, type ReadFailure } from "../ports/mod.ts";

/** Something in the log that cannot have been written so. */
export interface AuditFinding {
  readonly position: number;
  readonly aggregate: string;
  readonly id: string;
  readonly problem: string;
}

/** Where an aggregate's history stands while it is read. */
interface Chain {
  readonly version: number;
  readonly cid: string | null;
  readonly time: string;
  readonly commands: Set<string>;
  readonly vote: ProposalState;
}

const start = (): Chain => ({ version: 0, cid: null, time: "", commands: new Set(), vote: null });

const proposals = aggregateOf(proposal);

/** Checks the numbering of a commit's events, its time, and that its command was handled once. */
const orderProblems = (commit: Commit, chain: Chain): ReadonlyArray<string> => [
  ...(commit.firstVersion === chain.version + 1
    ? []
    : [`its first event is number ${commit.firstVersion}; number ${chain.version + 1} should follow`]),
  ...(commit.time >= chain.time ? [] : [`its time ${commit.time} is before ${chain.time}, that of the commit before`]),
  ...(chain.commands.has(commit.commandId) ? [`command ${commit.commandId} was handled before`] : []),
];

/** Recomputes the content ids of a commit's events from the one before them. */
const chainProblems = (commit: Commit, chain: Chain, cid: Digests["Service"]["cid"]): ReadonlyArray<string> => {
  const problems =
    (commit.previousCid ?? null) === chain.cid
      ? []
      : [`it says it follows ${commit.previousCid ?? "nothing"}, but ${chain.cid ?? "nothing"} is before it`];
  let previous = chain.cid;
  commit.events.forEach(({ type, schemaVersion, data, cid: stored }, index) => {
    const sequence = chain.version + index + 1;
    if (cid({ content: { type, schemaVersion, data }, previous, sequence }) !== stored)
      problems.push(`event ${sequence} (${type}) is not what its content id ${stored} says`);
    previous = stored;
  });
  return problems;
};

/** Checks a signature, and that what was signed is this command. The subject's first token is the installation's prefix. */
const signatureProblems = (commit: Commit, verify: Digests["Service"]["verify"]): ReadonlyArray<string> => {
  if (commit.signed === undefined) return [];
  const { publicKey, signature, text } = commit.signed;
  const [commandId, subject = ""] = text.split("\n");
  const signedCommand = subject.split(".").slice(1).join(".");
  const thisCommand = `cmd.${commit.actor}.${commit.aggregate}.${commit.id}.${commit.command}`;
  return [
    ...(verify(publicKey, text, signature) ? [] : [`the signature of ${publicKey} does not fit what was signed`]),
    ...(commandId === commit.commandId && signedCommand === thisCommand
      ? []
      : [`${publicKey} signed another command than ${commit.commandId} on ${thisCommand}`]),
  ];
};

/** Counts the ballots of a vote again where a commit decides it. */
const countAgain = (
  commit: Commit,
  before: ProposalState,
): { readonly vote: ProposalState; readonly problems: ReadonlyArray<string> } => {
  const problems: Array<string> = [];
  let vote = before;
  for (const event of commit.aggregate === proposal.name ? recordedEvents(proposals, commit) : []) {
    if (!isEventOf(proposal, event)) continue;
    if (vote?.status === "active" && "tally" in event.data) {
      const counted = resultOf(vote.rules, vote.electorate, vote.ballots).tally;
      if (canonicalJson(counted) !== canonicalJson(event.data.tally))
        problems.push(
          `${event.type}: the ballots count ${canonicalJson(counted)}, not ${canonicalJson(event.data.tally)}`,
        );
    }
    vote = proposal.evolve(vote, event, { ...event, aggregateId: event.id });
  }
  return { vote, problems };
};

/** Reads commits in order and checks each history for itself, with nothing but what they say. */
export const verify = Effect.fnUntraced(function* <R>(log: Stream.Stream<Commit, ReadFailure, R>) {
  const { cid, verify: verifySignature } = yield* Digests;
  const chains = new Map<string, Chain>();
  const findings: Array<AuditFinding> = [];
  let commits = 0;
  let events = 0;
  yield* Stream.runForEach(log, (commit) =>
    Effect.sync(() => {
      const { aggregate, id, position } = commit;
      const key = `${aggregate}.${id}`;
      const chain = chains.get(key) ?? start();
      const { vote, problems } = countAgain(commit, chain.vote);
      for (const problem of [
        ...orderProblems(commit, chain),
        ...chainProblems(commit, chain, cid),
        ...signatureProblems(commit, verifySignature),
        ...problems,
      ])
        findings.push({ position, aggregate, id, problem });
      commits += 1;
      events += commit.events.length;
      const version = commit.firstVersion + commit.events.length - 1;
      const last = commit.events.at(-1)?.cid ?? null;
      chains.set(key, { version, cid: last, time: commit.time, commands: chain.commands.add(commit.commandId), vote });
    }),
  );
  return {
    ok: findings.length === 0,
    commits,
    events,
    findings: findings.map(({ position, aggregate, id, problem }) => ({ position, aggregate, id, problem })),
  };
});
