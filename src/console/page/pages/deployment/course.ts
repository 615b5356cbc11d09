import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { deployingSteps } from "../../../../domain/deployment/steps.ts";

type Deployment = DocumentOf<"deployments">;
type Host = Deployment["hosts"][number];
type Step = (typeof deployingSteps)[number];

/** How a step of a host stands. `back`: the host was put back after it. */
export type StepState = "done" | "failed" | "moving" | "open" | "none";

/** One step of a host. */
export interface StepCell {
  readonly state: StepState;
  readonly milliseconds?: number | undefined;
}

/** What became of a host on the way back. */
export type WayBack = "not-needed" | "waits" | "moving" | "reverted" | "unreachable";

const isGoingBack = (status: Deployment["status"]): boolean =>
  status === "rolling-back" || status === "rolled-back" || status === "rollback-incomplete";

/** The wave whose hosts are worked on: the first that is not through. */
export const currentWave = ({ hosts }: Pick<Deployment, "hosts">): number =>
  hosts.reduce(
    (wave, host) => (host.status === "confirmed" ? wave : Math.min(wave, host.wave)),
    Number.POSITIVE_INFINITY,
  );

/** Returns how a step of a host stands. While the host's wave is worked on, its next step moves. */
export const stepCell = (host: Host, step: Step, { status }: Pick<Deployment, "status">, wave: number): StepCell => {
  const taken = host.steps?.findLast((one) => one.step === step);
  if (taken !== undefined) return { state: "done", milliseconds: taken.milliseconds };
  if (host.failedAt === step) return { state: "failed" };
  if (host.failedAt !== undefined || status !== "deploying" || host.wave !== wave) return { state: "none" };
  const next = deployingSteps.find((one) => host.steps?.every((two) => two.step !== one) ?? true);
  return { state: next === step ? "moving" : "open" };
};

/** Returns what became of a host on the way back; undefined if nothing goes back. */
export const wayBackOf = (host: Host, { status }: Pick<Deployment, "status">): WayBack | undefined => {
  if (host.status === "reverted" || host.status === "unreachable") return host.status;
  if (!isGoingBack(status)) return undefined;
  if (host.previous === undefined) return "not-needed";
  return status === "rolling-back" ? "moving" : "waits";
};

/** What a host runs now as far as the deployment knows, against what it ran before. */
export type Verdict = "same" | "changed" | "going-back" | "untouched" | "unknown";

/** What a host ran before the deployment, and what it runs now. */
export interface HostProof {
  readonly id: string;
  readonly before?: string | undefined;
  readonly now?: string | undefined;
  readonly verdict: Verdict;
}

/** Returns the proof of each host. `running` has what hosts run that the deployment did not touch. */
export const proofOf = (
  deployment: Pick<Deployment, "hosts" | "status">,
  running: ReadonlyMap<string, string>,
): ReadonlyArray<HostProof> =>
  deployment.hosts.map((host): HostProof => {
    const { id, previous, closure } = host;
    if (previous === undefined) {
      const now = running.get(id);
      return { id, before: now, now, verdict: "untouched" };
    }
    switch (host.status) {
      case "unreachable":
        return { id, before: previous, verdict: "unknown" };
      case "reverted": {
        const now = closure ?? previous;
        return { id, before: previous, now, verdict: now === previous ? "same" : "changed" };
      }
      case "activated":
      case "healthy":
      case "rebooted":
      case "confirmed": {
        const isBack = deployment.status === "rolling-back";
        return {
          id,
          before: previous,
          now: closure,
          verdict: isBack ? "going-back" : closure === previous ? "same" : "changed",
        };
      }
      default:
        return { id, before: previous, now: previous, verdict: "same" };
    }
  });

/** Whether a host needs a look: it failed, moves, waits or goes back. */
export const isNotFine = (host: Host): boolean => host.status !== "confirmed";

/** A duration in words: `0.2 s`, `41 min`. */
export const durationWords = (milliseconds: number): string => {
  const seconds = milliseconds / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
};
