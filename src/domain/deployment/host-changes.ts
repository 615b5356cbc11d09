import { Schema, Struct } from "effect";
import type { GraphDocument } from "../graph/document.ts";
import { type GraphIndex, indexOf } from "../graph/graph-index.ts";
import { hasErrors, problemsIn } from "../graph/problems.ts";
import { defined } from "../kernel/mod.ts";
import {
  type Flake,
  type HostDifference,
  type HostParts,
  hostDifference,
  hostPartsOf,
  type Pins,
  storedHostParts,
} from "../nix/mod.ts";
import type { DataFate } from "./data/fate.ts";
import { dataFates } from "./data/mod.ts";
import type { HostChange, HostChanges } from "./host-change.ts";
import { foreignHosts, OwnedHost } from "./ownership.ts";
import { planWaves } from "./plan.ts";
import { hostsOf, machinesOf } from "./waves.ts";

/** The known facts about a host: the closure that it runs, and its last deployment. */
export const KnownHost = Schema.Struct({
  id: Schema.String,
  closure: Schema.optionalKey(Schema.String),
  deployment: Schema.optionalKey(Schema.String),
  drift: Schema.Boolean,
  rebootNeeded: Schema.optionalKey(Schema.Array(Schema.String)),
  ...Struct.omit(OwnedHost.fields, ["id"]),
});
export type KnownHost = typeof KnownHost.Type;

/** The parts of a deployment that show what it installed on its hosts. */
export const PastDeployment = Schema.Struct({
  id: Schema.String,
  graph: Schema.String,
  graphVersion: Schema.Int,
  flakeDigest: Schema.String,
  hosts: Schema.Array(
    Schema.Struct({ id: Schema.String, status: Schema.String, closure: Schema.optionalKey(Schema.String) }),
  ),
});
export type PastDeployment = typeof PastDeployment.Type;

/** The source of a host's system: a graph at a version, and the digest of its flake. */
export interface Origin {
  readonly graph: string;
  readonly version: number;
  readonly flakeDigest: string;
}

/** Returns deployments by what they confirmed: a closure on a host and, with an empty closure, the host itself. */
const confirmedBy = (deployments: ReadonlyArray<PastDeployment>): ReadonlyMap<string, PastDeployment> => {
  const confirmed = new Map<string, PastDeployment>();
  for (const deployment of deployments)
    for (const { id, status, closure } of deployment.hosts)
      if (status === "confirmed" && closure !== undefined)
        for (const what of [`${id} ${closure}`, `${id} `])
          for (const key of [what, `${what} ${deployment.id}`]) confirmed.set(key, deployment);
  return confirmed;
};

const originIn = ({ graph, graphVersion: version, flakeDigest }: PastDeployment): Origin => ({
  graph,
  version,
  flakeDigest,
});

/**
 * Returns the source of each host's system: the graph of the deployment that confirmed the running closure. After a
 * rollback, that is an earlier deployment. Hosts that have drifted, or that run a closure of no deployment, are left
 * out.
 */
export const originsOf = (
  hosts: ReadonlyArray<KnownHost>,
  deployments: ReadonlyArray<PastDeployment>,
): ReadonlyMap<string, Origin> => {
  const confirmed = confirmedBy(deployments);
  return new Map(
    hosts.flatMap(({ id, closure, deployment, drift }) => {
      const running = `${id} ${closure}`;
      const source = drift ? undefined : (confirmed.get(`${running} ${deployment}`) ?? confirmed.get(running));
      return source === undefined ? [] : [[id, originIn(source)]];
    }),
  );
};

/**
 * Returns the graph whose data each host has. Unlike in {@link originsOf}, a drifted host has the data of its last
 * deployment. Otherwise a failed unit would hide that the next deployment empties a database.
 */
export const dataOriginsOf = (
  hosts: ReadonlyArray<KnownHost>,
  deployments: ReadonlyArray<PastDeployment>,
): ReadonlyMap<string, Origin> => {
  const confirmed = confirmedBy(deployments);
  return new Map(
    hosts.flatMap(({ id, closure, deployment }) => {
      const source = [`${id} ${closure} ${deployment}`, `${id} ${closure}`, `${id}  ${deployment}`, `${id} `]
        .map((key) => confirmed.get(key))
        .find((found) => found !== undefined);
      return source === undefined ? [] : [[id, originIn(source)]];
    }),
  );
};

/** A graph at a version. */
export interface OriginalGraph {
  readonly document: GraphDocument;
}

/** Returns the name of a source. */
export const nameOfOrigin = ({ graph, version }: Origin): string => `${graph}@${version}`;

/** Returns the parts of all hosts of a graph as they were deployed; empty if the graph is no longer valid. */
const partsOfOrigin = (origin: Origin, { graphs, flakes }: Pick<Deployed, "graphs" | "flakes">) => {
  const document = graphs.get(nameOfOrigin(origin))?.document;
  if (document === undefined || hasErrors(problemsIn(document))) return new Map<string, HostParts>();
  return storedHostParts(document, flakes.get(origin.flakeDigest) ?? {});
};

/** Returns the parts of the hosts as they were built, according to the deployed flakes, not to today's rendering. */
export const builtParts = ({
  origins,
  graphs,
  flakes,
}: Pick<Deployed, "origins" | "graphs" | "flakes">): ReadonlyMap<string, HostParts> => {
  const byFlake = new Map<string, ReadonlyMap<string, HostParts>>();
  for (const origin of origins.values()) {
    const { flakeDigest } = origin;
    if (!byFlake.has(flakeDigest)) byFlake.set(flakeDigest, partsOfOrigin(origin, { graphs, flakes }));
  }
  return new Map(
    [...origins].flatMap(([host, { flakeDigest }]) => {
      const built = byFlake.get(flakeDigest)?.get(host);
      return built === undefined ? [] : [[host, built]];
    }),
  );
};

/** The current deployments. */
export interface Deployed {
  readonly hosts: ReadonlyArray<KnownHost>;
  /** The source of each host's system. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** The graph whose data each host has. */
  readonly dataOrigins: ReadonlyMap<string, Origin>;
  /** The graphs, by {@link nameOfOrigin}. */
  readonly graphs: ReadonlyMap<string, OriginalGraph>;
  /** The files of the deployed flakes, by digest. If a flake is missing, its hosts count as changed. */
  readonly flakes: ReadonlyMap<string, Flake["files"]>;
}

export const nothingDeployed: Deployed = {
  hosts: [],
  origins: new Map(),
  dataOrigins: new Map(),
  graphs: new Map(),
  flakes: new Map(),
};

/** Returns the effects that a deployment of a graph, to some or all hosts, would have on their data. */
export const fatesOf = (
  document: GraphDocument,
  { dataOrigins, graphs }: Pick<Deployed, "dataOrigins" | "graphs">,
  hosts?: ReadonlyArray<string>,
): ReadonlyArray<DataFate> => {
  const after = indexOf(document);
  const addresses = new Set(after.hosts.map(({ address }) => address));
  // Includes hosts of another graph that this one takes over, under the same or another id.
  const isConcerned = (id: string, { graph }: Origin, before: GraphIndex): boolean =>
    graph === document.id ||
    after.residents.has(id) ||
    before.hosts.some((host) => host.id === id && addresses.has(host.address));
  const before = [...dataOrigins].flatMap(([host, origin]): ReadonlyArray<[string, GraphIndex]> => {
    const document = graphs.get(nameOfOrigin(origin))?.document;
    const graph = document && indexOf(document);
    return graph !== undefined && isConcerned(host, origin, graph) ? [[host, graph]] : [];
  });
  return dataFates(defined({ before: new Map(before), after, hosts }));
};

const changeOf = (known: KnownHost | undefined, { change }: HostDifference): HostChange["change"] => {
  if (known?.deployment === undefined) return "new";
  return change === "unchanged" ? "unchanged" : "changed";
};

/**
 * Returns what a deployment of a valid graph would change. Each host is compared with the source of its system. If that
 * is unknown, everything on the host counts as new. `pins` are for inputs that the graph does not pin itself.
 */
export const hostChanges = (document: GraphDocument, deployed: Deployed, pins: Pins = {}): HostChanges => {
  const { hosts, origins } = deployed;
  const known = new Map(hosts.map((host) => [host.id, host]));
  const graph = indexOf(document);
  const { residents } = graph;
  const before = builtParts(deployed);
  const after: ReadonlyMap<string, HostParts> = hostPartsOf(document, { ...pins, ...document.pins });
  const planned = planWaves(document);
  // A plan has no target yet. Simulated hosts do not share machines, so this is correct for them too.
  const wanted = { graph: document.id, target: "nixos", hosts: hostsOf({ waves: planned }) } as const;
  const foreign = foreignHosts(hosts, { ...wanted, machines: machinesOf({ waves: planned }) });
  const ownerOf = (id: string) => {
    const found = foreign.find((one) => one.host === id && one.graph !== document.id);
    return found && defined({ graph: found.graph, as: found.as });
  };
  const waves = planned.map((wave) =>
    wave.flatMap(({ host, address }): ReadonlyArray<HostChange> => {
      const parts = after.get(host);
      if (parts === undefined) return [];
      const difference = hostDifference(host, before.get(host), parts);
      const { units, firewall, settings } = difference;
      const { closure: was, rebootNeeded } = known.get(host) ?? {};
      return [
        {
          host,
          address,
          nodes: (residents.get(host) ?? []).map(({ id }) => id),
          change: changeOf(known.get(host), difference),
          build: difference.change !== "unchanged",
          units,
          firewall,
          settings,
          ...defined({ was, rebootNeeded, owner: ownerOf(host) }),
        },
      ];
    }),
  );
  const gone = hosts
    .filter(({ id }) => !residents.has(id) && origins.get(id)?.graph === document.id)
    .map(({ id, closure = "" }) => ({ host: id, was: closure }))
    .sort((left, right) => (left.host < right.host ? -1 : 1));
  return { waves, gone, data: fatesOf(document, deployed) };
};
