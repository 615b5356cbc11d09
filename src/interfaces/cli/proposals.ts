import { Argument } from "commander";
import { CommandRefused } from "../../agents/kit/errors.ts";
import type { Client } from "../../agents/kit/mod.ts";
import type { ProposalDocument } from "../../contract/views/proposals.ts";
import { Choice } from "../../domain/consensus/ballot.ts";
import { proposal as proposalDecider } from "../../domain/consensus/decider.ts";
import { defined, provenanceText } from "../../domain/kernel/mod.ts";
import { addAggregate, reportAccepted } from "./aggregate-commands.ts";
import { amendmentLines, conditionsOf } from "./amendment.ts";
import { refusedWith, unchecked, withClient } from "./connection.ts";
import { exitCode } from "./errors.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import { signerFrom, signWith } from "./key.ts";
import { makeLive } from "./live.ts";
import { type Branch, durationText, treeLines } from "./text.ts";
import { columns } from "./views.ts";
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
  const amended = amendmentLines(conditionsOf(proposal));
  const branches: ReadonlyArray<Branch> = [
    { text: `${id}: ${title} (${kind})` },
    { text: ruleText(proposal) },
    { text: voteLine(status) },
    ...proposal.ballots.map((ballot) => ({ text: ballotText(ballot) })),
    ...(waits.length === 0 && missing.length > 0 ? [{ text: `not yet: ${missing.join(", ")}` }] : []),
    ...waits.map((text) => ({ text })),
    ...endingLines(proposal).map((text) => ({ text: text.trim() })),
    ...(amended.length === 0
      ? []
      : [{ text: "changes of the graph by the vote", below: amended.map((text) => ({ text })) }]),
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

/** What a refused voter wants to know: when voting opens, or how it ended; nothing if that was not the cause. */
const whyNoBallot = async (client: Client, id: string, error: unknown): Promise<ReadonlyArray<string>> => {
  if (!(error instanceof CommandRefused)) return [];
  if (error.reason === "not-found") {
    const answer = await client.query("deployments", "get", { id }).catch(() => undefined);
    const opening = answer && openingOfDeployment(answer.data, Date.now());
    return opening === undefined ? [] : [`deployment ${id}: ${opening}`];
  }
  if (error.reason !== "not-open" && error.reason !== "voting-closed") return [];
  const { data } = await client.query("proposals", "get", { id });
  return error.reason === "not-open" ? waitingLines(data) : endingLines(data);
};

const collect = (text: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [...before, text];

interface BallotOptions {
  readonly reason?: string;
  readonly condition?: ReadonlyArray<string>;
  readonly signWith?: string;
}

/** `cim vote`: the ballot of a person. */
export const vote: CommandGroup = (program, runner) => {
  program
    .command("vote <proposal>")
    .description("Casts your ballot, or changes it; you are --as.")
    .addArgument(new Argument("<choice>").choices(Choice.literals))
    .option("--reason <text>", "why")
    .option("--condition <text>", "what the approval depends on; may be given again", collect)
    .option(...signWith)
    .action((proposal: string, choice: string, { reason, condition, signWith: file }: BallotOptions, command) =>
      runner.run(command, async (cli) => {
        const signer = file === undefined ? undefined : await signerFrom(file);
        const cast = async (client: Client) => {
          const conditions = condition?.map((text) => ({ text }));
          const ballot = { choice, ...defined({ reason, conditions }) };
          try {
            reportAccepted(cli, await unchecked(client)("proposal", proposal, "vote", ballot, { signal: cli.signal }));
            return exitCode.done;
          } catch (error) {
            const below = await whyNoBallot(client, proposal, error);
            throw below.length === 0 ? error : refusedWith(error, below);
          }
        };
        return withClient(cli, cast, signer);
      }),
    );
};
