import type { DeploymentStatus, Target } from "./contract.ts";
import { isOver } from "./lifecycle.ts";

/** Another deployment, as the read model shows it. `position` orders deployments by their request. */
export interface OtherDeployment {
  readonly id: string;
  readonly graph: string;
  readonly graphDigest: string;
  readonly target: Target;
  readonly status: DeploymentStatus;
  readonly hosts: ReadonlyArray<string>;
  /** The addresses and ports of real hosts, as `machineOf` writes them. */
  readonly machines?: ReadonlyArray<string>;
  readonly requestedAt: string;
  /** Why it was rolled back. */
  readonly reason?: string;
}

/** Nothing was activated: the host would have lost something that nobody accepted. The same revision may come again. */
export const wouldRemove = "would-remove";

/** What a deployment changes. */
export type Changed = Pick<OtherDeployment, "hosts" | "machines">;

/** The machines of a deployment: nobody reaches the addresses of simulated hosts, so they are known by their ids alone. */
export const machinesWith = (target: Target, machines: Readonly<Record<string, string>> = {}): ReadonlyArray<string> =>
  target === "nixos" ? Object.values(machines) : [];

/** Whether two deployments change one host. Two graphs may know one machine by different ids. */
export const changeOneHost = (one: Changed, other: Changed): boolean =>
  other.hosts.some((host) => one.hosts.includes(host)) ||
  other.machines?.some((machine) => one.machines?.includes(machine)) === true;

/** Whether two deployments would change the same graph or the same hosts. */
export const isRival = (
  one: Changed & { readonly graph: string },
  other: Changed & { readonly graph: string },
): boolean => one.graph === other.graph || changeOneHost(one, other);

/** The deployments that are under way and in the way. */
export const rivalsUnderWay = (
  others: ReadonlyArray<OtherDeployment>,
  wanted: Changed & { readonly graph: string },
): ReadonlyArray<OtherDeployment> => others.filter((other) => !isOver(other.status) && isRival(wanted, other));

const changedHosts: ReadonlyArray<DeploymentStatus> = ["succeeded", "rolled-back", "rollback-incomplete"];

/** Returns the deployment of this revision that was rolled back, if that is the last that happened to it. */
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

/** Why a revision that came of conditions is not deployed: it is what another deployment rolled back. */
export const amendedAsRolledBack = (id: string, other: string): string =>
  `deployment \`${id}\`: with the conditions of the vote it is the revision that deployment \`${other}\` rolled back; change the graph or insist, with a reason`;

/** A later deployment whose closures run on the same hosts: putting the earlier ones back would undo it unasked. */
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
