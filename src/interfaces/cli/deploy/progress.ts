import type { StepOutput } from "../../../contract/signals.ts";
import type { DeploymentDocument, HostProgress } from "../../../contract/views/deployments.ts";
import { obstacleText } from "../../../domain/deployment/activation.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { glassLines } from "../break-glass.ts";
import { durationText, shortHash } from "../text.ts";
import { type Awaited, waitingText } from "../waiting.ts";

type Finding = DeploymentDocument["findings"][number];
type Ballot = DeploymentDocument["ballots"][number];

/** The fields of a finding that lines of progress and summaries have. */
export type FindingSummary = Pick<Finding, "reviewer" | "rule" | "severity" | "nodes" | "message">;
export const summaryFinding = ({ reviewer, rule, severity, nodes, message }: Finding): FindingSummary => ({
  reviewer,
  rule,
  severity,
  nodes,
  message,
});

/** The fields of a ballot that lines of progress and summaries have. */
export type BallotSummary = Pick<Ballot, "voter" | "choice" | "conditions">;
export const summaryBallot = ({ voter, choice, conditions }: Ballot): BallotSummary =>
  defined({ voter, choice, conditions });

/** A host as a line of progress has it: its last step, and how long that took. */
type HostLine = Pick<HostProgress, "wave" | "status" | "closure" | "previous" | "detail" | "failedAt" | "log"> & {
  readonly host: string;
  readonly milliseconds?: number;
};

/** Something that happened in a deployment. With `--json` each is a line before the summary. */
export type Progress = { readonly type: "progress"; readonly deployment: string } & (
  | ({ readonly kind: "phase" } & Pick<DeploymentDocument, "status" | "reason" | "detail"> & {
        /** Of the flake that is generated and deployed from here on. */
        readonly flakeDigest?: string;
      })
  | ({ readonly kind: "finding" } & FindingSummary)
  | ({ readonly kind: "ballot" } & BallotSummary)
  | ({ readonly kind: "host" } & HostLine)
  | ({ readonly kind: "output" } & StepOutput)
  /** Inputs were pinned before the review. */
  | ({ readonly kind: "pins" } & Required<Pick<DeploymentDocument, "graph" | "graphVersion" | "pins">>)
  | ({ readonly kind: "glass" } & NonNullable<DeploymentDocument["glass"]>)
  /** People are waited for: whom, and until when. */
  | ({ readonly kind: "waiting" } & Awaited)
);

const added = <T>(before: ReadonlyArray<T>, after: ReadonlyArray<T>): ReadonlyArray<T> => {
  const known = new Set(before.map((item) => JSON.stringify(item)));
  return after.filter((item) => !known.has(JSON.stringify(item)));
};

const hostLine = ({
  id: host,
  wave,
  status,
  closure,
  previous,
  detail,
  steps,
  failedAt,
  log,
}: HostProgress): HostLine =>
  defined({
    host,
    wave,
    status,
    closure,
    previous,
    detail,
    failedAt,
    log,
    milliseconds: steps?.at(-1)?.milliseconds,
  });

const phaseOf = ({ id, status, reason, detail, waiting, flakeDigest }: DeploymentDocument): Progress => ({
  type: "progress",
  deployment: id,
  kind: "phase",
  ...defined({
    status,
    reason,
    detail: detail ?? waiting?.for.map(obstacleText).join("; "),
    flakeDigest: status === "generating" ? flakeDigest : undefined,
  }),
});

/** Whether a step happens in a phase. If one document shows both, the step is printed after the phase. */
const happensIn = (status: DeploymentDocument["status"], progress: Progress): boolean => {
  switch (progress.kind) {
    case "finding":
      return status === "discussing";
    case "ballot":
      return status === "voting";
    case "host":
      return status === "deploying" || (status === "rolling-back" && progress.status === "reverted");
    case "phase":
    case "output":
    case "waiting":
    case "glass":
    case "pins":
      return false;
  }
};

/** What happened between two states of a deployment's document, in the order in which it must have happened. */
export const progressBetween = (
  before: DeploymentDocument | undefined,
  after: DeploymentDocument,
): ReadonlyArray<Progress> => {
  const base = { type: "progress", deployment: after.id } as const;
  const hosts = added(before?.hosts ?? [], after.hosts).filter(
    ({ status, failedAt }) => status !== "pending" || failedAt !== undefined,
  );
  const { glass, pins, graph, graphVersion } = after;
  const steps: ReadonlyArray<Progress> = [
    ...(glass === undefined || glass.at === before?.glass?.at ? [] : [{ ...base, kind: "glass" as const, ...glass }]),
    ...(pins === undefined || before?.pins !== undefined
      ? []
      : [{ ...base, kind: "pins" as const, graph, graphVersion, pins }]),
    ...added(before?.findings ?? [], after.findings).map((finding) => ({
      ...base,
      kind: "finding" as const,
      ...summaryFinding(finding),
    })),
    ...added(before?.ballots ?? [], after.ballots).map((ballot) => ({
      ...base,
      kind: "ballot" as const,
      ...summaryBallot(ballot),
    })),
    ...hosts.map((host) => ({ ...base, kind: "host" as const, ...hostLine(host) })),
  ];
  if (before?.status === after.status) return steps;
  const later = steps.filter((step) => happensIn(after.status, step));
  return [...steps.filter((step) => !later.includes(step)), phaseOf(after), ...later];
};

/** What a host runs after this step, or had when it was recorded. */
const closureIn = (progress: Extract<Progress, { kind: "host" }>): string | undefined =>
  progress.status === "reverted" || progress.status === "recorded" ? progress.previous : progress.closure;

/** Progress in words. Each step is one line, besides the output of programs. */
export const progressLines = (progress: Progress): ReadonlyArray<string> => {
  switch (progress.kind) {
    case "phase": {
      const { status, reason, detail, flakeDigest } = progress;
      const flake = flakeDigest === undefined ? undefined : `flake ${shortHash(flakeDigest)}`;
      const more = [reason ?? flake, status === "rolled-back" ? undefined : detail].filter(
        (word) => word !== undefined,
      );
      return [[status, ...more].join(": ")];
    }
    case "finding":
      return [`  ${progress.reviewer} found ${progress.rule} (${progress.severity}): ${progress.message}`];
    case "ballot":
      return [
        `  ${progress.voter} votes ${progress.choice}${(progress.conditions ?? []).map((text) => `, on the condition: ${text}`).join("")}`,
      ];
    case "output":
      return progress.lines.map((line) => `    ${progress.host} | ${line}`);
    case "pins":
      return [
        `  pinned in version ${progress.graphVersion} of graph ${progress.graph}, until \`cim graph pin ${progress.graph}\`:`,
        ...Object.entries(progress.pins).map(([name, reference]) => `    ${name} ${reference}`),
      ];
    case "glass":
      return glassLines(progress.deployment, progress);
    case "waiting":
      return [`  ${waitingText(progress, Date.now())}`];
    case "host": {
      const { host, wave, status, detail, milliseconds, failedAt, log = [] } = progress;
      const words = [
        `  wave ${wave}`,
        host,
        failedAt === undefined ? status : `could not be ${failedAt}`,
        shortHash((failedAt === undefined ? closureIn(progress) : undefined) ?? ""),
        milliseconds === undefined || failedAt !== undefined ? "" : `in ${durationText(milliseconds)}`,
        detail === undefined ? "" : `(${detail})`,
      ];
      const lines = failedAt === undefined ? [] : log.map((line) => `    | ${line}`);
      return [words.filter((word) => word !== "").join(" "), ...lines];
    }
  }
};
