import type { DeploymentStatus, Target } from "./contract.ts";
import { isOver } from "./lifecycle.ts";

/** Another deployment, from the read model. `requestedAt` orders deployments. */
export interface OtherDeployment {
  readonly id: string;
  readonly graph: string;
  readonly graphDigest: string;
  readonly target: Target;
  readonly status: DeploymentStatus;
  readonly hosts: ReadonlyArray<string>;
  /** The addresses and ports of real hosts, in the form of `machineOf`. */
  readonly machines?: ReadonlyArray<string>;
  readonly requestedAt: string;
  /** Why it was rolled back. */
  readonly reason?: string;
}

/**
 * Nothing was activated, because the host would have lost something without acceptance. The same revision may be
 * requested again.
 */
export const wouldRemove = "would-remove";

/** What a deployment changes. */
export type Changed = Pick<OtherDeployment, "hosts" | "machines">;

/** Returns the machines of a deployment. Simulated hosts have none, because their addresses are not real. */
export const machinesWith = (target: Target, machines: Readonly<Record<string, string>> = {}): ReadonlyArray<string> =>
  target === "nixos" ? Object.values(machines) : [];

/** Returns whether two deployments change the same host. Two graphs may have the same machine under different ids. */
export const changeOneHost = (one: Changed, other: Changed): boolean =>
  other.hosts.some((host) => one.hosts.includes(host)) ||
  other.machines?.some((machine) => one.machines?.includes(machine)) === true;

/** Returns whether two deployments would change the same graph or the same host. */
export const isRival = (
  one: Changed & { readonly graph: string },
  other: Changed & { readonly graph: string },
): boolean => one.graph === other.graph || changeOneHost(one, other);

/** Returns the open deployments that are rivals. */
export const rivalsUnderWay = (
  others: ReadonlyArray<OtherDeployment>,
  wanted: Changed & { readonly graph: string },
): ReadonlyArray<OtherDeployment> => others.filter((other) => !isOver(other.status) && isRival(wanted, other));

const changedHosts: ReadonlyArray<DeploymentStatus> = ["succeeded", "rolled-back", "rollback-incomplete"];

/** Returns the deployment that rolled this revision back, if that was the revision's last event. */
export const rolledBackBefore = (
  others: ReadonlyArray<OtherDeployment>,
  wanted: { readonly graph: string; readonly graphDigest: string; readonly target: Target },
): OtherDeployment | undefined => {
  const last = others
    .filter(
      (other) =>
        other.graph === wanted.graph &&
        other.graphDigest === wanted.graphDigest &&
        other.target === wanted.target &&
        changedHosts.includes(other.status) &&
        other.reason !== wouldRemove,
    )
    .reduce<OtherDeployment | undefined>(
      (newest, other) => (newest === undefined || other.requestedAt > newest.requestedAt ? other : newest),
      undefined,
    );
  return last?.status === "succeeded" ? undefined : last;
};

/** Returns why an amended revision is not deployed: another deployment rolled it back. */
export const amendedAsRolledBack = (id: string, other: string): string =>
  `deployment \`${id}\`: with the conditions of the vote it is the revision that deployment \`${other}\` rolled back; change the graph or insist, with a reason`;

/**
 * Returns a later deployment whose closures run on the same hosts. Restoring the earlier ones would undo it without a
 * request.
 */
export const supersededBy = (
  others: ReadonlyArray<OtherDeployment>,
  deployed: Changed & { readonly requestedAt: string },
): OtherDeployment | undefined =>
  others.find(
    (other) =>
      (other.status === "succeeded" || other.status === "rollback-incomplete") &&
      other.requestedAt > deployed.requestedAt &&
      changeOneHost(deployed, other),
  );
