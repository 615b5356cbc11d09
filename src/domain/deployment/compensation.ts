import { defined, type EventOf, ownId } from "../kernel/mod.ts";
import type { deploymentEvents, Phase } from "./contract.ts";
import { isBeforeDeploying } from "./lifecycle.ts";
import type { Deployment, Rollback, TouchedHost } from "./state.ts";

type Event = EventOf<typeof deploymentEvents>;

/** Ids of the tasks of a deployment. Nobody outside can make a task under them. */
export const pinTaskOf = (deployment: string): string => ownId(deployment, "pin");
export const deployTaskOf = (deployment: string): string => ownId(deployment, "deploy");
export const monitorTaskOf = (deployment: string): string => ownId(deployment, "monitor");
export const rollbackTaskOf = (deployment: string, attempt: number): string => ownId(deployment, `rollback-${attempt}`);

/** The hosts that still have to go back to what they ran before. */
export const notRestored = ({ touched }: Deployment): ReadonlyArray<TouchedHost> =>
  touched.filter(({ step }) => step !== "reverted");

/** Why a deployment stops, and who wants it to. */
export type Stop = Omit<Rollback, "phase">;

/** How a deployment ends that touched no host: called off where somebody asked for it, otherwise failed. */
const endUntouched = ({ by, ...failure }: Rollback): Event => {
  if (by === undefined) return { type: "deployment-failed", data: failure };
  const { detail } = failure;
  return { type: "deployment-cancelled", data: { by, ...defined({ reason: detail }) } };
};

/**
 * Stops a deployment: before a deployer was asked it ends at once, afterwards its hosts are rolled back.
 *
 * `deployerIsDone` where the deployer's last report is known to be in. Otherwise reports may be on their way, so that
 * nobody can say yet that no host was touched: then rolling back begins with no hosts, and {@link finishRollback} sees.
 */
export const stop = (deployment: Deployment, phase: Phase, why: Stop, deployerIsDone: boolean): Event => {
  const rollback: Rollback = { phase, ...why };
  if (isBeforeDeploying(phase) || (deployerIsDone && deployment.touched.length === 0)) return endUntouched(rollback);
  const attempt = deployment.rollbackAttempts + 1;
  const hosts = notRestored(deployment).map(({ host }) => host);
  return {
    type: "rollback-started",
    data: { ...rollback, attempt, task: rollbackTaskOf(deployment.id, attempt), hosts: hosts.toReversed() },
  };
};

/** The end of an attempt at rolling back, by what was touched and what of it is restored. */
export const finishRollback = (
  deployment: Deployment,
  rollback: Rollback,
  restored: ReadonlyArray<string>,
): ReadonlyArray<Event> => {
  if (deployment.touched.length === 0) return [endUntouched(rollback)];
  const open = notRestored(deployment);
  const newly = open.filter(({ host }) => restored.includes(host));
  const left = open.filter(({ host }) => !restored.includes(host));
  const end: Event =
    left.length === 0
      ? { type: "deployment-rolled-back", data: { hosts: deployment.touched.map(({ host }) => host).toReversed() } }
      : { type: "rollback-incomplete", data: { hosts: left.map(({ host }) => host).toReversed() } };
  return [
    ...newly.map(
      ({ host, previous }): Event => ({
        type: "host-step-recorded",
        data: { host, step: "reverted", closure: previous },
      }),
    ),
    end,
  ];
};
