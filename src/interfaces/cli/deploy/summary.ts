import type { DeploymentDocument, HostProgress } from "../../../contract/views/deployments.ts";
import type { VoterCondition } from "../../../domain/consensus/ballot.ts";
import { defined, visible } from "../../../domain/kernel/mod.ts";
import { amendmentLines, conditionsOf } from "../amendment.ts";
import { glassLines } from "../break-glass.ts";
import { exitCode } from "../errors.ts";
import type { Output } from "../output.ts";
import { roundsText, votesText } from "../round-text.ts";
import { durationText, shortHash, table } from "../text.ts";
import { type BallotSummary, type FindingSummary, summaryBallot, summaryFinding } from "./progress.ts";

/** How a deployment went, in the form that the command line publishes. */
export interface DeploymentSummary {
  readonly id: string;
  readonly graph: string;
  readonly version: number;
  readonly status: DeploymentDocument["status"];
  readonly reason?: string;
  /** What went wrong, in words. */
  readonly detail?: string;
  /** Milliseconds. */
  readonly phases: Readonly<Record<string, number>>;
  readonly findings: ReadonlyArray<FindingSummary>;
  readonly ballots: ReadonlyArray<BallotSummary>;
  /** The number of the vote's last round and the rounds before it, if there was more than one. */
  readonly round?: number;
  readonly rounds?: ReadonlyArray<RoundSummary>;
  /** The conditions of the vote, with the changes that they made to the graph. */
  readonly conditions?: ReadonlyArray<VoterCondition>;
  readonly hosts: ReadonlyArray<HostSummary>;
  /** Present if somebody broke the glass. */
  readonly glass?: NonNullable<DeploymentDocument["glass"]>;
}

/** A round that is over: its ballots, and the conditions that changed the graph for the next one. */
interface RoundSummary {
  readonly round: number;
  readonly ballots: ReadonlyArray<BallotSummary>;
  readonly conditions: ReadonlyArray<VoterCondition>;
}

/** A host at the end. `closure` is what it runs now, `previous` what it ran before the deployment. */
export interface HostSummary {
  readonly id: string;
  readonly closure?: string;
  readonly previous?: string;
  readonly status: HostProgress["status"];
}

/** The closure that a host runs, if the deployment has touched it. */
const runningClosure = ({ status, closure, previous }: HostProgress): string | undefined => {
  switch (status) {
    case "activated":
    case "healthy":
    case "rebooted":
    case "confirmed":
      return closure;
    case "pending":
    case "unreachable":
      return undefined;
    default:
      return previous;
  }
};

/**
 * The summary of a deployment. `running` has the closures of hosts, for those that the deployment did not touch. Fields
 * are picked one by one, because the summary is a contract of its own and not the document.
 */
export const deploymentSummary = (
  {
    id,
    graph,
    graphVersion: version,
    status,
    reason,
    detail,
    phases,
    findings,
    ballots,
    conditions = [],
    round,
    rounds,
    hosts,
    glass,
  }: DeploymentDocument,
  running: ReadonlyMap<string, string> = new Map(),
): DeploymentSummary => {
  const made = conditionsOf({ conditions, rounds: rounds.filter(({ amended }) => amended !== undefined) });
  return defined({
    id,
    graph,
    version,
    status,
    reason,
    detail,
    phases,
    findings: findings.map(summaryFinding),
    ballots: ballots.map(summaryBallot),
    ...(rounds.length === 0
      ? {}
      : {
          round,
          rounds: rounds.map((ended) => ({
            round: ended.round,
            ballots: ended.ballots.map(summaryBallot),
            conditions: ended.conditions,
          })),
        }),
    conditions: made.length === 0 ? undefined : made,
    glass,
    hosts: hosts.map((host) =>
      defined({
        id: host.id,
        closure: runningClosure(host) ?? running.get(host.id),
        previous: host.previous,
        status: host.status,
      }),
    ),
  });
};

/** The last line of `deploy --json` and `demo --json`. */
export const summaryLine = (ok: boolean, deployments: ReadonlyArray<DeploymentSummary>) =>
  ({ type: "summary", ok, deployments }) as const;

/** The exit code of a deployment's last status. An incomplete rollback has failed. */
export const exitCodeOf = (status: DeploymentDocument["status"]): number => {
  switch (status) {
    case "succeeded":
      return exitCode.done;
    case "rejected":
      return exitCode.rejected;
    case "rolled-back":
      return exitCode.rolledBack;
    default:
      return exitCode.failed;
  }
};

/** The summary for people. */
export const summaryLines = (summary: DeploymentSummary, output: Output): ReadonlyArray<string> => {
  const { id, graph, version, status, reason, detail, findings, ballots, round, rounds = [] } = summary;
  const amended = rounds.length > 0 ? [] : amendmentLines(summary.conditions ?? []);
  const phases = Object.entries(summary.phases).map(([name, ms]) => `${name} ${durationText(ms)}`);
  const hosts = summary.hosts.map((host) =>
    [`  ${host.id}`, host.status, shortHash(host.closure ?? ""), shortHash(host.previous ?? "")].map(visible),
  );
  return [
    `${output.style("bold", id)}: ${output.style(status === "succeeded" ? "green" : "red", status)}${reason === undefined ? "" : ` (${reason})`}`,
    ...(detail === undefined ? [] : [`  because   ${detail}`]),
    ...glassLines(id, summary.glass).map((line) => `  ${output.style("red", line)}`),
    `  graph     ${graph} version ${version}`,
    `  phases    ${phases.join(", ")}`,
    `  findings  ${findings.length}`,
    ...(rounds.length > 0
      ? ["  the vote", ...roundsText({ round, rounds, ballots }).map((line) => `    ${line}`)]
      : [`  votes     ${ballots.length === 0 ? "none" : votesText(ballots)}`]),
    ...(amended.length === 0 ? [] : ["  changed by the vote", ...amended.map((line) => `    ${line}`)]),
    ...table(["  HOST", "STATUS", "RUNS", "RAN BEFORE"], hosts),
  ];
};
