import type { GraphDocument } from "../../graph/document.ts";
import { canonicalJson } from "../../kernel/mod.ts";
import { hostFile, inputsIn } from "../flake/outputs.ts";
import { defaultPins, type Pins } from "../flake/pins.ts";
import { type Files, sharedFiles, textsOfHost } from "../flake/shared-files.ts";
import type { Assignment, Binding, Expression } from "../language/expression.ts";
import { print, printFile } from "../language/print.ts";
import { optionsOf } from "../node-kinds.ts";
import { hostModule } from "./options.ts";
import { type HostSpecification, specify } from "./specification.ts";

/** One thing that a host's firewall lets in: a node from another host by its address, or everyone. */
export type Opening = {
  readonly from?: string;
  readonly address?: string;
  readonly to: string;
  readonly transport: "tcp" | "udp";
  readonly port: number;
};

/** A host taken apart into texts. Two hosts whose `texts` and `sources` are equal are equal. */
export interface HostParts {
  /** What its system is built from, by path in the flake. */
  readonly texts: ReadonlyMap<string, string>;
  /** What it is built from besides: the files of its operator by digest, and where flakes come from. */
  readonly sources: string;
  /** The options of each systemd unit. */
  readonly units: ReadonlyMap<string, string>;
  readonly openings: ReadonlyMap<string, Opening>;
  /** The options that belong to no unit, by their paths. */
  readonly settings: ReadonlyMap<string, string>;
}

const unitTypes: Readonly<Record<string, string>> = {
  services: "service",
  timers: "timer",
  sockets: "socket",
  targets: "target",
  paths: "path",
  slices: "slice",
};

/** The unit that an option defines: `systemd.timers.backup…` defines `backup.timer`. */
const unitAt = ([first, second = "", name]: ReadonlyArray<string>): string | undefined =>
  first === "systemd" && name !== undefined && Object.hasOwn(unitTypes, second)
    ? `${name}.${unitTypes[second]}`
    : undefined;

const bindingsOf = (module: Expression): ReadonlyArray<Binding> => {
  switch (module.kind) {
    case "function":
    case "let":
      return bindingsOf(module.body);
    case "attributes":
      return module.bindings;
    default:
      return [];
  }
};

/** The options of the firewall. They are left out of the settings, since `openings` show the same. */
const ofFirewall: ReadonlySet<string> = new Set([
  "networking.firewall.allowedTCPPorts",
  "networking.firewall.allowedUDPPorts",
  "networking.firewall.extraInputRules",
]);

const openingsOf = ({ paths, publicPorts }: HostSpecification): ReadonlyMap<string, Opening> => {
  const toEveryone = publicPorts.map(({ node, port }): Opening => ({ to: node, transport: "tcp", port }));
  const toNodes = paths.map(
    ({ from, address, to, transport, port }): Opening => ({ from, address, to, transport, port }),
  );
  return new Map([...toEveryone, ...toNodes].map((opening) => [JSON.stringify(opening), opening]));
};

const isAssignment = (bound: Binding): bound is Assignment => "path" in bound;

/** Where the flakes come from that a host is built from: nixpkgs always, others if they are not where the graph says. */
const pinsOf = ({ base }: HostSpecification, pins: Pins): Pins => ({
  ...Object.fromEntries(
    Object.entries(base.inputs).flatMap(([name, { url }]) => {
      const pinned = pins[name] ?? url;
      return pinned === url ? [] : [[name, pinned]];
    }),
  ),
  nixpkgs: pins.nixpkgs ?? defaultPins.nixpkgs,
});

/** Takes a host apart. */
const partsOf = (host: HostSpecification, given: Pins, shared: Files): HostParts => {
  const pins = pinsOf(host, given);
  const units = new Map<string, Array<string>>();
  const settings = new Map<string, Array<string>>();
  const add = (parts: Map<string, Array<string>>, name: string, ...texts: ReadonlyArray<string>) => {
    const known = parts.get(name);
    if (known === undefined) parts.set(name, [...texts]);
    else known.push(...texts);
  };
  const ofNodes = new Set<string>();
  const textOf = ({ path, value }: Assignment): string => `${JSON.stringify(path)} ${print(value)}`;

  for (const node of host.nodes) {
    const own = host.units[node.id] ?? [];
    for (const unit of own) add(units, unit);
    for (const option of optionsOf(node).filter(isAssignment)) {
      const text = textOf(option);
      ofNodes.add(text);
      const unit = unitAt(option.path);
      if (unit !== undefined) add(units, unit, text);
      else if (own.length === 0) add(settings, option.path.join("."), text);
      // NixOS makes units of this option by rules of its own, so any unit of the node may change.
      else for (const unit of own) add(units, unit, text);
    }
  }
  const module = hostModule(host);
  for (const option of bindingsOf(module).filter(isAssignment)) {
    const text = textOf(option);
    if (ofNodes.has(text)) continue;
    const [unit, path] = [unitAt(option.path), option.path.join(".")];
    if (unit !== undefined) add(units, unit, text);
    else if (!ofFirewall.has(path)) add(settings, path, text);
  }
  const joined = (parts: ReadonlyMap<string, ReadonlyArray<string>>) =>
    new Map([...parts].map(([name, texts]) => [name, texts.toSorted().join("\n")]));
  for (const [path, digest] of Object.entries(host.base.digests)) add(settings, `files.${path}`, digest);
  for (const [name, input] of Object.entries(host.base.inputs)) add(settings, `inputs.${name}`, canonicalJson(input));
  for (const [name, reference] of Object.entries(pins)) add(settings, `pins.${name}`, reference);
  const texts = textsOfHost(host.id, { ...shared, [hostFile(host.id)]: printFile(module) });
  // What the operator's files and flakes say is part of the host, though its own module only names them.
  const sources = canonicalJson([host.base.digests, host.base.inputs, pins]);
  return { texts, sources, units: joined(units), openings: openingsOf(host), settings: joined(settings) };
};

/** The parts of each host of a valid graph, by the id of the host. `pins` are all that count, also the graph's own. */
export const hostPartsOf = (
  document: GraphDocument,
  pins: Pins = document.pins ?? {},
): ReadonlyMap<string, HostParts> => {
  const shared = sharedFiles();
  return new Map(Array.from(specify(document), (host) => [host.id, partsOf(host, pins, shared)]));
};

/**
 * The same as the stored flake has them that the graph was deployed as. What the graph says is taken apart as this version of
 * the program renders it, because texts cannot be taken apart; whether a host changes follows from the texts that are stored.
 */
export const storedHostParts = (document: GraphDocument, files: Files): ReadonlyMap<string, HostParts> => {
  const { "flake.nix": flake } = files;
  const rendered = hostPartsOf(document, flake === undefined ? document.pins : inputsIn(flake));
  return new Map(
    [...rendered].map(([host, parts]) => {
      const texts = textsOfHost(host, files);
      const file = hostFile(host);
      const text = texts.get(file);
      const otherwise = text === undefined || text === parts.texts.get(file) ? [] : [[`flake.${file}`, text] as const];
      return [host, { ...parts, texts, settings: new Map([...parts.settings, ...otherwise]) }];
    }),
  );
};

/** The changes of a host. A host that is gone from the graph stays as it is: nothing stops or closes there. */
export type HostDifference = {
  readonly host: string;
  readonly change: "added" | "removed" | "changed" | "unchanged";
  /** systemd units. A unit is restarted if any of its options changes. */
  readonly units: {
    readonly started: ReadonlyArray<string>;
    readonly stopped: ReadonlyArray<string>;
    readonly restarted: ReadonlyArray<string>;
  };
  readonly firewall: { readonly opened: ReadonlyArray<Opening>; readonly closed: ReadonlyArray<Opening> };
  /** Paths of the other NixOS options that change. Empty for a new host, since all of its options are new. */
  readonly settings: ReadonlyArray<string>;
};

const nothing: Omit<HostDifference, "host" | "change"> = {
  units: { started: [], stopped: [], restarted: [] },
  firewall: { opened: [], closed: [] },
  settings: [],
};

const empty: HostParts = {
  texts: new Map(),
  sources: "",
  units: new Map(),
  openings: new Map(),
  settings: new Map(),
};

const isSame = (before: HostParts, after: HostParts): boolean =>
  before.sources === after.sources &&
  before.texts.size === after.texts.size &&
  [...after.texts].every(([path, text]) => before.texts.get(path) === text);

/** Files that hosts share and that another version of this program has rendered otherwise. */
const restatedFiles = (host: string, before: HostParts, after: HostParts): ReadonlyArray<string> =>
  changedIn(before.texts, after.texts)
    .filter((path) => path !== hostFile(host))
    .map((path) => `flake.${path}`);

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

/** The changes from one state of a host to another. Without an earlier state, the host counts as new. */
export const hostDifference = (host: string, before: HostParts | undefined, after: HostParts): HostDifference => {
  if (before !== undefined && isSame(before, after)) return { host, change: "unchanged", ...nothing };
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
            ...restatedFiles(host, before, after),
          ].sort(),
  };
};

/** The changes of all hosts of two graphs, by id. */
export const hostDifferences = (
  before: ReadonlyMap<string, HostParts>,
  after: ReadonlyMap<string, HostParts>,
): ReadonlyArray<HostDifference> =>
  [...new Set([...before.keys(), ...after.keys()])].sort().map((host) => {
    const now = after.get(host);
    return now === undefined ? { host, change: "removed", ...nothing } : hostDifference(host, before.get(host), now);
  });
