import { defined, type EventOf, ownId } from "../kernel/mod.ts";
import type { deploymentEvents, Phase } from "./contract.ts";
import { isBeforeDeploying } from "./lifecycle.ts";
import type { Deployment, Rollback, TouchedHost } from "./state.ts";

type Event = EventOf<typeof deploymentEvents>;

/** The ids of a deployment's tasks. Clients cannot create tasks with such ids. */
export const pinTaskOf = (deployment: string): string => ownId(deployment, "pin");
export const deployTaskOf = (deployment: string): string => ownId(deployment, "deploy");
export const monitorTaskOf = (deployment: string): string => ownId(deployment, "monitor");
export const rollbackTaskOf = (deployment: string, attempt: number): string => ownId(deployment, `rollback-${attempt}`);

/** Returns the hosts that must still return to their previous closure. */
export const notRestored = ({ touched }: Deployment): ReadonlyArray<TouchedHost> =>
  touched.filter(({ step }) => step !== "reverted");

/** Why a deployment stops, and who requested it. */
export type Stop = Omit<Rollback, "phase">;

/** Returns the end of a deployment that touched no host: cancelled if somebody requested it, otherwise failed. */
const endUntouched = ({ by, ...failure }: Rollback): Event => {
  if (by === undefined) return { type: "deployment-failed", data: failure };
  const { detail } = failure;
  return { type: "deployment-cancelled", data: { by, ...defined({ reason: detail }) } };
};

/**
 * Stops a deployment. If no deployer was asked yet, it ends at once. Otherwise its hosts are rolled back.
 *
 * `deployerIsDone` says that the deployer's last report has arrived. Without it, reports may still be in transit, so it
 * is unknown whether a host was touched. The rollback then starts without hosts, and {@link finishRollback} decides.
 * Ending the deployment at once instead would leave a host with a system that nobody puts back.
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

/** Returns the end of a rollback attempt, from the touched and the restored hosts. */
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
