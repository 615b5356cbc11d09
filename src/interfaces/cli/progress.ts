import type { DeploymentDocument } from "./deployment-document.ts";
import { printable } from "./output.ts";

/** Something that happened in a deployment; with `--json` a line of the stream before the summary. */
export type Progress = { readonly type: "progress"; readonly deployment: string } & (
  | { readonly kind: "phase"; readonly status: string; readonly reason?: string }
  | {
      readonly kind: "finding";
      readonly reviewer: string;
      readonly rule: string;
      readonly severity: string;
      readonly nodes: ReadonlyArray<string>;
      readonly message: string;
    }
  | { readonly kind: "ballot"; readonly voter: string; readonly choice: string }
  | {
      readonly kind: "host";
      readonly host: string;
      readonly status: string;
      readonly closure?: string;
      readonly previous?: string;
      readonly detail?: string;
    }
);

const added = <T>(before: ReadonlyArray<T>, after: ReadonlyArray<T>): ReadonlyArray<T> => {
  const known = new Set(before.map((item) => JSON.stringify(item)));
  return after.filter((item) => !known.has(JSON.stringify(item)));
};

/** What happened between two states of a deployment's document, findings and votes before the phase they lead to. */
export const progressBetween = (
  before: DeploymentDocument | undefined,
  after: DeploymentDocument,
): ReadonlyArray<Progress> => {
  const base = { type: "progress", deployment: after.id } as const;
  const hosts = added(before?.hosts ?? [], after.hosts).filter(({ status }) => status !== "pending");
  return [
    ...added(before?.findings ?? [], after.findings).map((finding) => ({
      ...base,
      kind: "finding" as const,
      ...finding,
    })),
    ...added(before?.ballots ?? [], after.ballots).map((ballot) => ({ ...base, kind: "ballot" as const, ...ballot })),
    ...hosts.map(({ id, wave: _, ...host }) => ({ ...base, kind: "host" as const, host: id, ...host })),
    ...(before?.status === after.status
      ? []
      : [
          {
            ...base,
            kind: "phase" as const,
            status: after.status,
            ...(after.reason === undefined ? {} : { reason: after.reason }),
          },
        ]),
  ];
};

/** Progress in words, on one line. */
export const progressText = (progress: Progress): string => {
  switch (progress.kind) {
    case "phase":
      return printable(`${progress.status}${progress.reason === undefined ? "" : `: ${progress.reason}`}`);
    case "finding":
      return printable(`  ${progress.reviewer} found ${progress.rule} (${progress.severity}): ${progress.message}`);
    case "ballot":
      return printable(`  ${progress.voter} votes ${progress.choice}`);
    case "host": {
      const closure = progress.status === "reverted" ? progress.previous : progress.closure;
      const parts = [progress.status, ...(closure === undefined ? [] : [closure])];
      return printable(
        `  ${progress.host} ${parts.join(" ")}${progress.detail === undefined ? "" : ` (${progress.detail})`}`,
      );
    }
  }
};
