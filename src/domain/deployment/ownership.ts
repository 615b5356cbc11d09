import { Schema } from "effect";
import { machineOf } from "../graph/node-types/host.ts";
import { reach, type Target } from "../host/contract.ts";
import { defined, Name } from "../kernel/mod.ts";

/** A host of another graph, from which its closure was deployed. */
export const ForeignHost = Schema.Struct({
  host: Name,
  graph: Name,
  /** The host's id in that graph, if it differs. Both ids have the same address and ssh port. */
  as: Schema.optionalKey(Name),
});
export type ForeignHost = typeof ForeignHost.Type;

/** Returns who has a host, and the possible remedies. */
export const foreignText = ({ host, graph, as }: ForeignHost): string => {
  const whose =
    as === undefined
      ? `host \`${host}\` belongs to graph \`${graph}\``
      : `host \`${host}\` is the machine that graph \`${graph}\` has as \`${as}\` (one address and port)`;
  return (
    `${whose}: leave it to that one, let the owner of \`${graph}\` release it with \`cim hosts release ${as ?? host} --reason …\`, ` +
    `or put it to the vote that this graph takes it over (\`--take-over ${host}\`)`
  );
};

const isSame = (left: ForeignHost, right: ForeignHost): boolean =>
  left.host === right.host && left.graph === right.graph && left.as === right.as;

/**
 * Returns the first host that would be taken from another graph without a vote on that. If a graph gives its own
 * machine another id, nothing is taken.
 */
export const takenUnasked = (
  graph: string,
  foreign: ReadonlyArray<ForeignHost>,
  agreed: ReadonlyArray<ForeignHost>,
): ForeignHost | undefined => foreign.find((one) => one.graph !== graph && !agreed.some((other) => isSame(one, other)));

/** The facts about a host of a graph: the way to its machine, and its deployment. */
export const OwnedHost = Schema.Struct({
  id: Schema.String,
  address: Schema.optionalKey(reach.address),
  ssh: reach.ssh,
  target: reach.target,
  desired: Schema.optionalKey(
    Schema.Struct({ placement: Schema.optionalKey(Schema.Struct({ graph: Schema.String })) }),
  ),
});
export type OwnedHost = typeof OwnedHost.Type;

/** Returns the graph that has a host. */
const ownerOf = ({ desired }: OwnedHost): string | undefined => desired?.placement?.graph;

/** The hosts that a graph wants, and their machines. */
interface Wanted {
  readonly graph: string;
  readonly target: Target;
  readonly hosts: ReadonlyArray<string>;
  readonly machines: Readonly<Record<string, string>>;
}

/**
 * Returns the wanted hosts that another graph has, and the machines that now have another id. Simulated hosts are
 * compared by id only, because their addresses are not real.
 */
export const foreignHosts = (
  known: ReadonlyArray<OwnedHost>,
  { graph, target, hosts, machines }: Wanted,
): ReadonlyArray<ForeignHost> => {
  const owners = new Map<string, string>();
  const byMachine = new Map<string, Array<{ readonly as: string; readonly graph: string }>>();
  for (const one of known) {
    const owner = ownerOf(one);
    if (owner === undefined) continue;
    owners.set(one.id, owner);
    const { address, ssh } = one;
    if (target !== "nixos" || one.target !== "nixos" || address === undefined) continue;
    const machine = machineOf(defined({ address, ssh }));
    byMachine.set(machine, [...(byMachine.get(machine) ?? []), { as: one.id, graph: owner }]);
  }
  return hosts.flatMap((host): ReadonlyArray<ForeignHost> => {
    const owner = owners.get(host);
    const others = (byMachine.get(machines[host] ?? "") ?? []).filter(({ as }) => as !== host);
    return [
      ...(owner === undefined || owner === graph ? [] : [{ host, graph: owner }]),
      ...others.map((other) => ({ host, ...other })),
    ];
  });
};
