import { Argument } from "commander";
import type { Client, Json } from "../../agents/kit/mod.ts";
import { Choice } from "../../domain/consensus/ballot.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { policy } from "../../domain/consensus/policy.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { addAggregate, reportAccepted } from "./aggregate-commands.ts";
import { unchecked, withClient } from "./connection.ts";
import { exitCode } from "./errors.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import { signerFrom, signWith } from "./key.ts";
import { makeLive } from "./live.ts";
import { type Branch, durationText, fieldOf, itemsOf, textOf, treeLines } from "./text.ts";
import { columns } from "./views.ts";

/** How a vote stands, for programs: the document, who has voted and who has not, and the time that is left. */
export interface VoteStatus {
  readonly proposal: Json;
  readonly voted: ReadonlyArray<string>;
  readonly missing: ReadonlyArray<string>;
  /** Milliseconds until the deadline, or until an approval takes effect; absent where nothing is awaited. */
  readonly leftMs?: number;
}

const isOpen = (status: string): boolean => status === "pending" || status === "active";
const isApproved = (status: string): boolean => status === "approved" || status === "approved-with-conditions";

/** What a document of the view says at a moment, in milliseconds since 1970. */
export const voteStatusOf = (proposal: Json, now: number): VoteStatus => {
  const voted = itemsOf(proposal, "ballots").map((ballot) => textOf(ballot, "voter"));
  const missing = itemsOf(proposal, "electorate")
    .map((member) => textOf(member, "id"))
    .filter((id) => !voted.includes(id));
  const status = textOf(proposal, "status");
  const awaited = Date.parse(isApproved(status) ? textOf(proposal, "enactAt") : textOf(proposal, "deadline"));
  const isAwaited = (isApproved(status) || status === "active") && !Number.isNaN(awaited);
  return { proposal, voted, missing, ...(isAwaited ? { leftMs: Math.max(0, awaited - now) } : {}) };
};

/** The rules of a vote, and the policy that they come from, in a line. */
export const ruleText = (proposal: Json): string => {
  const [threshold, countedAs, policy] = ["threshold", "countedAs", "policy"].map((name) => fieldOf(proposal, name));
  return [
    `${textOf(proposal, "protocol")}${countedAs === undefined ? "" : ` as ${String(countedAs)}`}`,
    ...(threshold === undefined ? [] : [`threshold ${String(threshold)}`]),
    `quorum ${textOf(proposal, "quorum")}`,
    ...(policy === undefined ? [] : [`policy ${textOf(policy, "id")} version ${textOf(policy, "version")}`]),
    ...(fieldOf(proposal, "signedBallots") === true ? ["signed ballots and vetoes only"] : []),
  ].join(", ");
};

const quorumText = (proposal: Json): string => {
  const [required, total] = [textOf(proposal, "tally", "quorumRequired"), textOf(proposal, "tally", "total")];
  const isReached = fieldOf(proposal, "tally", "quorumReached") === true;
  return `quorum ${isReached ? "reached" : "not reached"} (${required} of ${total} needed)`;
};

const tallyText = (proposal: Json): string =>
  ["approve", "reject", "abstain"].map((choice) => `${textOf(proposal, "tally", choice)} ${choice}`).join(", ");

/** The state of a vote in one line, which is redrawn while it goes on. */
export const voteLine = ({ proposal, voted, missing, leftMs }: VoteStatus): string => {
  const status = textOf(proposal, "status");
  const left =
    leftMs === undefined ? [] : [`${durationText(leftMs)} ${isOpen(status) ? "left" : "until it is enacted"}`];
  return [
    status,
    `${voted.length} of ${voted.length + missing.length} have voted`,
    tallyText(proposal),
    quorumText(proposal),
    ...left,
  ].join("; ");
};

const ballotText = (ballot: Json): string => {
  const reason = fieldOf(ballot, "reason");
  const weight = textOf(ballot, "weight");
  return `${textOf(ballot, "voter")}: ${textOf(ballot, "choice")}${weight === "1" ? "" : ` (weight ${weight})`}${reason === undefined ? "" : `, because ${String(reason)}`}`;
};

/** The whole state of a vote. */
export const voteText = (status: VoteStatus): string => {
  const { proposal, missing } = status;
  const branches: ReadonlyArray<Branch> = [
    { text: `${textOf(proposal, "id")}: ${textOf(proposal, "title")} (${textOf(proposal, "kind")})` },
    { text: ruleText(proposal) },
    { text: voteLine(status) },
    ...itemsOf(proposal, "ballots").map((ballot) => ({ text: ballotText(ballot) })),
    ...(missing.length === 0 ? [] : [{ text: `not yet: ${missing.join(", ")}` }]),
    ...["by", "reason"].flatMap((name) =>
      fieldOf(proposal, name) === undefined ? [] : [{ text: `${name}: ${textOf(proposal, name)}` }],
    ),
  ];
  return treeLines(branches).join("\n");
};

const hasEnded = (proposal: Json): boolean => {
  const status = textOf(proposal, "status");
  return !isOpen(status) && !isApproved(status);
};

/** Follows a vote to its end: each ballot a line, and below them, on a terminal, the state and the time left. */
const follow = async (cli: Invocation, client: Client, id: string): Promise<number> => {
  const { output, signal } = cli;
  const live = makeLive(output);
  let current: Json = null;
  const draw = () => live.status(voteLine(voteStatusOf(current, Date.now())));
  const timer = setInterval(() => current !== null && draw(), 1000);
  const told = new Set<string>();
  try {
    for await (const { document } of client.watch("proposals", { id }, signal)) {
      if (document === undefined) continue;
      current = document;
      if (output.json) output.document(voteStatusOf(document, Date.now()));
      for (const line of itemsOf(document, "ballots")
        .map(ballotText)
        .filter((text) => !told.has(text))) {
        told.add(line);
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
  output.result(voteText(voteStatusOf(current, Date.now())));
  return textOf(current, "status") === "enacted" ? exitCode.done : exitCode.rejected;
};

const show = (id: string, watching: boolean) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const { data } = await client.query("proposals", "get", { id }, { signal: cli.signal });
    if (watching) return follow(cli, client, id);
    const status = voteStatusOf(data, Date.now());
    if (cli.output.json) cli.output.document(status);
    cli.output.result(voteText(status));
    return exitCode.done;
  });

/** `cim proposals`, with `show`: how a vote stands, and with `--watch` how it goes. */
export const proposals: CommandGroup = (program, runner) => {
  addAggregate(program, proposal, runner, columns("id", "kind", "status", "title", "proposer", "deadline"))
    .command("show <id>")
    .description("Shows who has voted, whether there is a quorum, and the time left.")
    .option("--watch", "until the proposal is enacted, or will not be")
    .action((id: string, { watch }: { readonly watch?: boolean }, command) =>
      runner.run(command, show(id, watch === true)),
    );
};

const policyColumns = columns(
  "id",
  "version",
  "protocol",
  "threshold",
  "quorum",
  "votingSeconds",
  "signedBallots",
  "binding",
);

/** `cim policies`, which is `cim policy` too. */
export const policies: CommandGroup = (program, runner) => {
  addAggregate(program, policy, runner, policyColumns).alias("policy");
};

const collect = (text: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [...before, text];

interface Ballot {
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
    .action((proposal: string, choice: string, { reason, condition, signWith: file }: Ballot, command) =>
      runner.run(command, async (cli) => {
        const signer = file === undefined ? undefined : await signerFrom(file);
        const cast = async (client: Client) => {
          const conditions = condition?.map((text) => ({ text }));
          const ballot = { choice, ...defined({ reason, conditions }) };
          reportAccepted(cli, await unchecked(client)("proposal", proposal, "vote", ballot, { signal: cli.signal }));
          return exitCode.done;
        };
        return withClient(cli, cast, signer);
      }),
    );
};
