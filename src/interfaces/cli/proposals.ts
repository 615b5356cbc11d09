import { Argument } from "commander";
import { CommandRefused } from "../../agents/kit/errors.ts";
import type { Client } from "../../agents/kit/mod.ts";
import type { ProposalDocument } from "../../contract/views/proposals.ts";
import { Choice } from "../../domain/consensus/ballot.ts";
import { proposal as proposalDecider } from "../../domain/consensus/decider.ts";
import { defined, provenanceText } from "../../domain/kernel/mod.ts";
import { addAggregate, giveSigned } from "./aggregate-commands.ts";
import { amendmentBranches, conditionsOf } from "./amendment.ts";
import { withClient } from "./connection.ts";
import { exitCode } from "./errors.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import { signWith } from "./key.ts";
import { columns } from "./listing.ts";
import { makeLive } from "./live.ts";
import { integer } from "./settings.ts";
import { type Branch, durationText, treeLines } from "./text.ts";
import { awaitedVotes, endingLines, openingOfDeployment, openingText, waitingText } from "./waiting.ts";

/** How a vote stands, for programs: the document, those who have voted and those who have not, and the time left. */
export interface VoteStatus {
  readonly proposal: ProposalDocument;
  readonly voted: ReadonlyArray<string>;
  readonly missing: ReadonlyArray<string>;
  /** Milliseconds until the deadline, or until an approval takes effect; absent if nothing is awaited. */
  readonly leftMs?: number;
}

type Status = ProposalDocument["status"];

const isOpen = (status: Status): boolean => status === "pending" || status === "active";
const isApproved = (status: Status): boolean => status === "approved" || status === "approved-with-conditions";

/** When the vote ends or an approval takes effect; undefined if nothing is awaited. */
const awaited = ({ status, deadline, enactAt }: ProposalDocument): string | undefined => {
  if (isApproved(status)) return enactAt;
  return status === "active" ? deadline : undefined;
};

/** How a vote stands at the moment `now`, in milliseconds since 1970. */
export const voteStatusOf = (proposal: ProposalDocument, now: number): VoteStatus => {
  const voted = proposal.ballots.map(({ voter }) => voter);
  const missing = proposal.electorate.map(({ id }) => id).filter((id) => !voted.includes(id));
  const end = awaited(proposal);
  const leftMs = end === undefined ? undefined : Math.max(0, Date.parse(end) - now);
  return defined({ proposal, voted, missing, leftMs });
};

type Rules = Pick<ProposalDocument, "protocol" | "countedAs" | "threshold" | "quorum" | "policy" | "signedBallots">;

/** The rules of a vote, and the policy that they come from, in a line. */
export const ruleText = ({ protocol, countedAs, threshold, quorum, policy, signedBallots }: Rules): string =>
  [
    countedAs === undefined ? protocol : `${protocol} as ${countedAs}`,
    threshold === undefined ? undefined : `threshold ${threshold}`,
    `quorum ${quorum}`,
    policy === undefined ? undefined : `policy ${policy.id} version ${policy.version}`,
    signedBallots === true ? "signed ballots and vetoes only" : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(", ");

/** The state of a vote in one line, which is redrawn while the vote goes on. */
export const voteLine = ({ proposal: { status, tally }, voted, missing, leftMs }: VoteStatus): string => {
  const { approve, reject, abstain, quorumReached, quorumRequired, total } = tally;
  return [
    status,
    `${voted.length} of ${voted.length + missing.length} have voted`,
    `${approve} approve, ${reject} reject, ${abstain} abstain`,
    `quorum ${quorumReached ? "reached" : "not reached"} (${quorumRequired} of ${total} needed)`,
    ...(leftMs === undefined ? [] : [`${durationText(leftMs)} ${isOpen(status) ? "left" : "until it is enacted"}`]),
  ].join("; ");
};

const ballotText = ({
  voter,
  choice,
  weight,
  reason,
  provenance = {},
}: ProposalDocument["ballots"][number]): string => {
  const weighed = weight === 1 ? "" : ` (weight ${weight})`;
  const origin = provenanceText(provenance);
  const from = origin === undefined ? "" : ` (by ${origin})`;
  return `${voter}: ${choice}${weighed}${reason === undefined ? "" : `, because ${reason}`}${from}`;
};

const ballotTextIn = ({ carried = [] }: ProposalDocument, ballot: ProposalDocument["ballots"][number]): string =>
  carried.includes(ballot.voter) ? `${ballotText(ballot)}, carried over from the round before` : ballotText(ballot);

/** The round of a vote and what led to it; nothing for the first round. */
const roundLines = ({ round = 1, maxRounds, rounds = [] }: ProposalDocument): ReadonlyArray<string> => {
  const before = rounds.at(-1);
  if (before === undefined) return [];
  const most = maxRounds === undefined ? "" : ` of at most ${maxRounds}`;
  const made = before.conditions.map(({ voter, text }) => `${text} (${voter})`).join("; ");
  return [`round ${round}${most}; round ${before.round} ended with the conditions: ${made}`];
};

/** What is missing for an approval or stands against it besides the ballots, and the ballots that do not count. */
const standingLines = (proposal: ProposalDocument): ReadonlyArray<string> => {
  const { excluded = [], struck = [], blocking = [], missingReviews = [], vetoStruck } = proposal;
  return [
    ...excluded.map(({ id, reason }) => `${id} has no vote: ${reason}`),
    ...struck.map(({ voter, reason }) => `the ballot of ${voter} was struck: ${reason}`),
    ...(vetoStruck === undefined ? [] : [`the veto of ${vetoStruck.by} was struck: ${vetoStruck.reason}`]),
    ...blocking.map(({ reviewer, rule, message }) => `${reviewer} blocks it: ${rule}: ${message}`),
    ...missingReviews.map((reviewer) => `the review by ${reviewer} is required and missing`),
  ];
};

/** For whom the vote waits and how long, or when it opens. */
const waitingLines = (proposal: ProposalDocument): ReadonlyArray<string> => {
  if (proposal.status === "pending") return [openingText(proposal, Date.now())];
  const awaited = awaitedVotes(proposal);
  return awaited === undefined ? [] : [waitingText(awaited, Date.now())];
};

/** The whole state of a vote. */
export const voteLines = (status: VoteStatus): ReadonlyArray<string> => {
  const { proposal, missing } = status;
  const { id, title, kind } = proposal;
  const waits = waitingLines(proposal);
  const amended = amendmentBranches(conditionsOf(proposal));
  const branches: ReadonlyArray<Branch> = [
    { text: `${id}: ${title} (${kind})` },
    { text: ruleText(proposal) },
    { text: voteLine(status) },
    ...roundLines(proposal).map((text) => ({ text })),
    ...proposal.ballots.map((ballot) => ({ text: ballotTextIn(proposal, ballot) })),
    ...standingLines(proposal).map((text) => ({ text })),
    ...(waits.length === 0 && missing.length > 0 ? [{ text: `not yet: ${missing.join(", ")}` }] : []),
    ...waits.map((text) => ({ text })),
    ...endingLines(proposal).map((text) => ({ text: text.trim() })),
    ...(amended.length === 0 ? [] : [{ text: "changes of the graph by the vote", below: amended }]),
  ];
  return treeLines(branches);
};

const hasEnded = ({ status }: ProposalDocument): boolean => !isOpen(status) && !isApproved(status);

/** Follows a vote to its end: a line for each ballot and, on a terminal, the state and the time left below them. */
const follow = async (cli: Invocation, client: Client, first: ProposalDocument): Promise<number> => {
  const { output, signal } = cli;
  const live = makeLive(output);
  let current = first;
  const draw = () => {
    const status = voteStatusOf(current, Date.now());
    live.status([voteLine(status), ...waitingLines(current)].join("; "));
  };
  const timer = setInterval(draw, 1000);
  const printed = new Set<string>();
  try {
    for await (const { document } of client.watch("proposals", { id: first.id }, signal)) {
      if (document === undefined) continue;
      current = document;
      if (output.json) output.document(voteStatusOf(document, Date.now()));
      for (const line of document.ballots.map(ballotText).filter((text) => !printed.has(text))) {
        printed.add(line);
        live.line(line);
      }
      draw();
      if (hasEnded(document)) break;
    }
  } finally {
    clearInterval(timer);
    live.end();
  }
  if (signal.aborted) return exitCode.interrupted;
  output.result(voteLines(voteStatusOf(current, Date.now())));
  return current.status === "enacted" ? exitCode.done : exitCode.rejected;
};

const show = (id: string, watching: boolean) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const { data } = await client.query("proposals", "get", { id }, { signal: cli.signal });
    if (watching) return follow(cli, client, data);
    const status = voteStatusOf(data, Date.now());
    if (cli.output.json) cli.output.document(status);
    cli.output.result(voteLines(status));
    return exitCode.done;
  });

const proposalColumns = columns<"proposals">(
  "id",
  "kind",
  "status",
  "title",
  "proposer",
  "deadline",
  "rejectedFor",
  "reason",
);

/** `cim proposals`, with `show`: how a vote stands and, with `--watch`, how it goes on. */
export const proposals: CommandGroup = (program, runner) => {
  addAggregate(program, proposalDecider, "proposals", proposalColumns, runner)
    .command("show <id>")
    .description("Shows who has voted, whether there is a quorum, and the time left.")
    .option("--watch", "until the proposal is enacted, or will not be")
    .action((id: string, { watch }: { readonly watch?: boolean }, command) =>
      runner.run(command, show(id, watch === true)),
    );
};

/** What is said of a vote that refuses a ballot, by the reason of the refusal. */
const refusalLines: Readonly<Record<string, (proposal: ProposalDocument) => ReadonlyArray<string>>> = {
  "not-open": waitingLines,
  "voting-closed": endingLines,
  "other-round": (proposal) => [...roundLines(proposal), ...waitingLines(proposal)],
};

/** What a refused voter wants to know: when voting opens, or how it ended; nothing if that was not the cause. */
const whyNoBallot = async (client: Client, id: string, error: unknown): Promise<ReadonlyArray<string>> => {
  if (!(error instanceof CommandRefused)) return [];
  if (error.reason === "not-found") {
    const answer = await client.query("deployments", "get", { id }).catch(() => undefined);
    const opening = answer && openingOfDeployment(answer.data, Date.now());
    return opening === undefined ? [] : [`deployment ${id}: ${opening}`];
  }
  const { reason = "" } = error;
  const lines = refusalLines[reason];
  return lines === undefined ? [] : lines((await client.query("proposals", "get", { id })).data);
};

const collect = (text: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [...before, text];

interface BallotOptions {
  readonly reason?: string;
  readonly condition?: ReadonlyArray<string>;
  readonly round?: number;
  readonly signWith?: string;
}

/** The round that a ballot is for: the one that goes on. In a later one than the first it says what has changed. */
const roundOf = async ({ output, signal }: Invocation, client: Client, id: string): Promise<number | undefined> => {
  // If there is no such proposal, the backend refuses the ballot and says so.
  const answer = await client.query("proposals", "get", { id }, { signal }).catch(() => undefined);
  if (answer?.data.round !== undefined && answer.data.round > 1) output.note(roundLines(answer.data));
  return answer?.data.round;
};

/** `cim vote`: the ballot of a person. */
export const vote: CommandGroup = (program, runner) => {
  program
    .command("vote <proposal>")
    .description("Casts your ballot, or changes it; you are --as.")
    .addArgument(new Argument("<choice>").choices(Choice.literals))
    .option("--reason <text>", "why")
    .option("--condition <text>", "what the approval depends on; may be given again", collect)
    .option("--round <number>", "the round that you have looked at (default: the one that goes on)", integer(1))
    .option(...signWith)
    .action((id: string, choice: string, { reason, condition, round: seen, signWith: file }: BallotOptions, command) =>
      runner.run(command, (cli) => {
        const payload = async (client: Client) => {
          const round = seen ?? (await roundOf(cli, client, id));
          return { choice, ...defined({ reason, conditions: condition?.map((text) => ({ text })), round }) };
        };
        const explain = (client: Client, error: unknown) => whyNoBallot(client, id, error);
        return giveSigned(cli, file, { aggregate: "proposal", id, command: "vote", payload, explain });
      }),
    );
};
