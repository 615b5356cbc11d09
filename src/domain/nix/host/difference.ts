import type { HostParts, Opening } from "./parts.ts";

/** What happens to a host. A host that is gone from the graph is left as it is: nothing stops or closes there. */
export type HostDifference = {
  readonly host: string;
  readonly change: "added" | "removed" | "changed" | "unchanged";
  /** systemd units; one is restarted where anything that it is made of is another. */
  readonly units: {
    readonly started: ReadonlyArray<string>;
    readonly stopped: ReadonlyArray<string>;
    readonly restarted: ReadonlyArray<string>;
  };
  readonly firewall: { readonly opened: ReadonlyArray<Opening>; readonly closed: ReadonlyArray<Opening> };
  /** Paths of the NixOS options that change besides; of a host that is new none, since all are. */
  readonly settings: ReadonlyArray<string>;
};

const nothing: Omit<HostDifference, "host" | "change"> = {
  units: { started: [], stopped: [], restarted: [] },
  firewall: { opened: [], closed: [] },
  settings: [],
};

const empty: HostParts = { module: "", units: new Map(), openings: new Map(), settings: new Map() };

const missingIn = <T>(there: ReadonlyMap<string, T>, names: Iterable<string>): ReadonlyArray<string> =>
  [...names].filter((name) => !there.has(name)).sort();

const changedIn = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ReadonlyArray<string> =>
  [...after].flatMap(([name, text]) => (before.has(name) && before.get(name) !== text ? [name] : [])).sort();

const openingsBut = (
  openings: ReadonlyMap<string, Opening>,
  known: ReadonlyMap<string, Opening>,
): ReadonlyArray<Opening> =>
  [...openings]
    .filter(([key]) => !known.has(key))
    .map(([, opening]) => opening)
    .sort((left, right) => left.port - right.port || (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));

/** What a host becomes, compared with what it was; everything is new where that is not known. */
export const hostDifference = (host: string, before: HostParts | undefined, after: HostParts): HostDifference => {
  if (before?.module === after.module) return { host, change: "unchanged", ...nothing };
  const was = before ?? empty;
  return {
    host,
    change: before === undefined ? "added" : "changed",
    units: {
      started: missingIn(was.units, after.units.keys()),
      stopped: missingIn(after.units, was.units.keys()),
      restarted: changedIn(was.units, after.units),
    },
    firewall: {
      opened: openingsBut(after.openings, was.openings),
      closed: openingsBut(was.openings, after.openings),
    },
    settings:
      before === undefined
        ? []
        : [
            ...missingIn(before.settings, after.settings.keys()),
            ...missingIn(after.settings, before.settings.keys()),
            ...changedIn(before.settings, after.settings),
          ].sort(),
  };
};

/** The differences of all hosts of two graphs, by id. */
export const hostDifferences = (
  before: ReadonlyMap<string, HostParts>,
  after: ReadonlyMap<string, HostParts>,
): ReadonlyArray<HostDifference> =>
  [...new Set([...before.keys(), ...after.keys()])].sort().map((host) => {
    const now = after.get(host);
    return now === undefined ? { host, change: "removed", ...nothing } : hostDifference(host, before.get(host), now);
  });
