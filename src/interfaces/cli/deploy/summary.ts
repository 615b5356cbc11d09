import type { RunningHost } from "../documents.ts";
import { exitCode } from "../errors.ts";
import { type Output, printable } from "../output.ts";
import { durationText, table } from "../text.ts";
import type { DeploymentDocument, HostDocument } from "./document.ts";

/** How a deployment went, as the contract of the command line has it. */
export interface DeploymentSummary {
  readonly id: string;
  readonly graph: string;
  readonly version: number;
  readonly status: string;
  readonly reason?: string;
  /** Milliseconds. */
  readonly phases: Readonly<Record<string, number>>;
  readonly findings: DeploymentDocument["findings"];
  readonly ballots: DeploymentDocument["ballots"];
  readonly hosts: ReadonlyArray<HostSummary>;
}

/** A host at the end: `closure` is what it runs now, `previous` what it ran before the deployment. */
export interface HostSummary {
  readonly id: string;
  readonly closure?: string;
  readonly previous?: string;
  readonly status: string;
}

/** The closure that a host runs, as far as the deployment has touched it. */
const runningClosure = ({ status, closure, previous }: HostDocument): string | undefined => {
  switch (status) {
    case "activated":
    case "healthy":
    case "confirmed":
      return closure;
    case "pending":
    case "unreachable":
      return undefined;
    default:
      return previous;
  }
};

/** The summary of a deployment's document; `running` tells what the hosts run that it did not touch. */
export const deploymentSummary = (
  document: DeploymentDocument,
  running: ReadonlyMap<string, Pick<RunningHost, "closure">> = new Map(),
): DeploymentSummary => ({
  id: document.id,
  graph: document.graph,
  version: document.graphVersion,
  status: document.status,
  ...(document.reason === undefined ? {} : { reason: document.reason }),
  phases: document.phases,
  findings: document.findings,
  ballots: document.ballots,
  hosts: document.hosts.map((host) => {
    const closure = runningClosure(host) ?? running.get(host.id)?.closure;
    return {
      id: host.id,
      ...(closure === undefined ? {} : { closure }),
      ...(host.previous === undefined ? {} : { previous: host.previous }),
      status: host.status,
    };
  }),
});

/** The last line of `deploy --json` and `demo --json`. */
export const summaryLine = (ok: boolean, deployments: ReadonlyArray<DeploymentSummary>) =>
  ({ type: "summary", ok, deployments }) as const;

/** The exit code that a deployment's end means; one that is not rolled back completely has failed. */
export const exitCodeOf = (status: string): number => {
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
export const summaryText = (summary: DeploymentSummary, output: Output): string => {
  const { id, graph, version, status, reason, findings, ballots } = summary;
  const phases = Object.entries(summary.phases).map(([name, ms]) => `${name} ${durationText(ms)}`);
  const votes = ballots.map(({ voter, choice }) => printable(`${voter} ${choice}`));
  const hosts = summary.hosts.map((host) =>
    [`  ${host.id}`, host.status, host.closure ?? "", host.previous ?? ""].map(printable),
  );
  return [
    `${output.style("bold", id)}: ${output.style(status === "succeeded" ? "green" : "red", status)}${reason === undefined ? "" : printable(` (${reason})`)}`,
    `  graph     ${graph} version ${version}`,
    `  phases    ${phases.join(", ")}`,
    `  findings  ${findings.length}`,
    `  votes     ${votes.length === 0 ? "none" : votes.join(", ")}`,
    table(["  HOST", "STATUS", "RUNS", "RAN BEFORE"], hosts),
  ].join("\n");
};
