import type { GraphDocument } from "../graph/document.ts";
import { type HostDifference, type HostParts, hostDifference, hostPartsOf } from "../nix/mod.ts";
import type { HostChange, HostChanges } from "./host-change.ts";
import { builtParts, type KnownHost, type Origin, type OriginalGraph } from "./host-origins.ts";
import { planWaves, residentsOf } from "./plan.ts";

/** What is deployed now. */
export interface Deployed {
  readonly hosts: ReadonlyArray<KnownHost>;
  /** What each host was built from. */
  readonly origins: ReadonlyMap<string, Origin>;
  readonly graphs: ReadonlyMap<string, OriginalGraph>;
}

export const nothingDeployed: Deployed = { hosts: [], origins: new Map(), graphs: new Map() };

const changeOf = (known: KnownHost | undefined, { change }: HostDifference): HostChange["change"] => {
  if (known?.deployment === undefined) return "new";
  return change === "unchanged" ? "unchanged" : "changed";
};

/**
 * What a deployment of a valid graph would change. A host is compared with what it was built from, and with nothing where
 * that is not known: then everything on it is started.
 */
export const hostChanges = (document: GraphDocument, { hosts, origins, graphs }: Deployed): HostChanges => {
  const known = new Map(hosts.map((host) => [host.id, host]));
  const residents = residentsOf(document);
  const before = builtParts(origins, graphs);
  const after: ReadonlyMap<string, HostParts> = hostPartsOf(document);
  const waves = planWaves(document).map((wave) =>
    wave.flatMap(({ host, address }): ReadonlyArray<HostChange> => {
      const parts = after.get(host);
      if (parts === undefined) return [];
      const difference = hostDifference(host, before.get(host), parts);
      const { units, firewall, settings } = difference;
      const was = known.get(host)?.closure;
      return [
        {
          ...{ host, address, nodes: residents.get(host) ?? [], change: changeOf(known.get(host), difference) },
          build: difference.change !== "unchanged",
          ...{ units, firewall, settings },
          ...(was === undefined ? {} : { was }),
        },
      ];
    }),
  );
  const gone = hosts
    .filter(({ id }) => !residents.has(id) && origins.get(id)?.graph === document.id)
    .map(({ id, closure = "" }) => ({ host: id, was: closure }))
    .sort((left, right) => (left.host < right.host ? -1 : 1));
  return { waves, gone };
};
