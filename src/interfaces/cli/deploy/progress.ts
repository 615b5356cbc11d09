import type { StepOutput } from "../../../contract/signals.ts";
import { printable } from "../output.ts";
import { durationText } from "../text.ts";
import type { DeploymentDocument, HostDocument } from "./document.ts";

/** Something that happened in a deployment; with `--json` a line of the stream before the summary. */
export type Progress = { readonly type: "progress"; readonly deployment: string } & (
  | {
      readonly kind: "phase";
      readonly status: string;
      readonly reason?: string;
      readonly detail?: string;
      /** Of what is generated and deployed from here on. */
      readonly flakeDigest?: string;
    }
  | {
      readonly kind: "finding";
      readonly reviewer: string;
      readonly rule: string;
      readonly severity: string;
      readonly nodes: ReadonlyArray<string>;
      readonly message: string;
    }
  | {
      readonly kind: "ballot";
      readonly voter: string;
      readonly choice: string;
      readonly conditions?: ReadonlyArray<string>;
    }
  | {
      readonly kind: "host";
      readonly host: string;
      /** From 1. */
      readonly wave: number;
      readonly status: string;
      readonly closure?: string;
      readonly previous?: string;
      readonly detail?: string;
      /** How long the step took. */
      readonly milliseconds?: number;
      /** The step that could not be taken. */
      readonly failedAt?: string;
      /** What the programs of the step printed last. */
      readonly log?: ReadonlyArray<string>;
    }
  | ({ readonly kind: "output" } & StepOutput)
);

const added = <T>(before: ReadonlyArray<T>, after: ReadonlyArray<T>): ReadonlyArray<T> => {
  const known = new Set(before.map((item) => JSON.stringify(item)));
  return after.filter((item) => !known.has(JSON.stringify(item)));
};

/** A host where it stands now; how long its last step took. */
const hostProgress = ({ id, steps, ...host }: HostDocument) => {
  const milliseconds = steps?.at(-1)?.milliseconds;
  return { host: id, ...host, ...(milliseconds === undefined ? {} : { milliseconds }) };
};

const phaseOf = ({ id, status, reason, detail, flakeDigest }: DeploymentDocument): Progress => ({
  type: "progress",
  deployment: id,
  kind: "phase",
  status,
  ...(reason === undefined ? {} : { reason }),
  ...(detail === undefined ? {} : { detail }),
  ...(status === "generating" ? { flakeDigest } : {}),
});

/** What happens in a phase, of all that can be seen in a document at once: it comes after the phase has begun. */
const happensIn = (status: string, progress: Progress): boolean => {
  switch (progress.kind) {
    case "finding":
      return status === "discussing";
    case "ballot":
      return status === "voting";
    case "host":
      return status === "deploying" || (status === "rolling-back" && progress.status === "reverted");
    case "phase":
    case "output":
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
  const steps: ReadonlyArray<Progress> = [
    ...added(before?.findings ?? [], after.findings).map((finding) => ({
      ...base,
      kind: "finding" as const,
      ...finding,
    })),
    ...added(before?.ballots ?? [], after.ballots).map((ballot) => ({ ...base, kind: "ballot" as const, ...ballot })),
    ...hosts.map((host) => ({ ...base, kind: "host" as const, ...hostProgress(host) })),
  ];
  if (before?.status === after.status) return steps;
  const later = steps.filter((step) => happensIn(after.status, step));
  return [...steps.filter((step) => !later.includes(step)), phaseOf(after), ...later];
};

/** What a host runs after this step, or had when it was recorded. */
const closureIn = (progress: Extract<Progress, { kind: "host" }>): string | undefined =>
  progress.status === "reverted" || progress.status === "recorded" ? progress.previous : progress.closure;

/** Progress in words, on one line. */
export const progressText = (progress: Progress): string => {
  switch (progress.kind) {
    case "phase": {
      const { status, reason, detail, flakeDigest } = progress;
      const flake = flakeDigest === undefined ? undefined : `flake ${flakeDigest}`;
      const more = [reason ?? flake, status === "rolled-back" ? undefined : detail].filter(
        (word) => word !== undefined,
      );
      return printable([status, ...more].join(": "));
    }
    case "finding":
      return printable(`  ${progress.reviewer} found ${progress.rule} (${progress.severity}): ${progress.message}`);
    case "ballot":
      return printable(
        `  ${progress.voter} votes ${progress.choice}${(progress.conditions ?? []).map((text) => `, on the condition: ${text}`).join("")}`,
      );
    case "output":
      return progress.lines.map((line) => printable(`    ${progress.host} | ${line}`)).join("\n");
    case "host": {
      const { host, wave, status, detail, milliseconds, failedAt, log = [] } = progress;
      const words = [
        `  wave ${wave}`,
        host,
        failedAt === undefined ? status : `could not be ${failedAt}`,
        (failedAt === undefined ? closureIn(progress) : undefined) ?? "",
        milliseconds === undefined || failedAt !== undefined ? "" : `in ${durationText(milliseconds)}`,
        detail === undefined ? "" : `(${detail})`,
      ];
      const lines = failedAt === undefined ? [] : log.map((line) => `    | ${line}`);
      return [words.filter((word) => word !== "").join(" "), ...lines].map(printable).join("\n");
    }
  }
};
