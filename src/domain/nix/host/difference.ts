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

/**
 * One kind of connection that a host's firewall admits: from a node on another host by its address, or from everyone.
 */
export type Opening = {
  readonly from?: string;
  readonly address?: string;
  readonly to: string;
  readonly transport: "tcp" | "udp";
  readonly port: number;
};

/** A host split into texts. Two hosts are equal if their `texts` and `sources` are equal. */
export interface HostParts {
  /** The texts that its system is built from, by path in the flake. */
  readonly texts: ReadonlyMap<string, string>;
  /** The other sources of its system: the operator's files by digest, and the references of flakes. */
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

/** Returns the unit that an option defines: `systemd.timers.backup…` defines `backup.timer`. */
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

/** The options of the firewall. The settings leave them out, because `openings` show the same. */
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

/**
 * Returns the references of the flakes that a host is built from: nixpkgs always, and others if a pin replaces the
 * graph's reference.
 */
const pinsOf = ({ base }: HostSpecification, pins: Pins): Pins => ({
  ...Object.fromEntries(
    Object.entries(base.inputs).flatMap(([name, { url }]) => {
      const pinned = pins[name] ?? url;
      return pinned === url ? [] : [[name, pinned]];
    }),
  ),
  nixpkgs: pins.nixpkgs ?? defaultPins.nixpkgs,
});

/** Splits a host into its parts. */
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
      // NixOS makes units from this option by its own rules, so any unit of the node may change.
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
  // The operator's files and flakes are part of the host, although its own module only names them.
  const sources = canonicalJson([host.base.digests, host.base.inputs, pins]);
  return { texts, sources, units: joined(units), openings: openingsOf(host), settings: joined(settings) };
};

/**
 * Returns the parts of each host of a valid graph, by the id of the host. `pins` replace all other pins, including the
 * graph's own.
 */
export const hostPartsOf = (
  document: GraphDocument,
  pins: Pins = document.pins ?? {},
): ReadonlyMap<string, HostParts> => {
  const shared = sharedFiles();
  return new Map(Array.from(specify(document), (host) => [host.id, partsOf(host, pins, shared)]));
};

/**
 * Returns the parts of each host as the flake of a past deployment has them. Texts cannot be split into options. So the
 * options come from the graph as this version of the program renders it, and the stored texts decide whether a host
 * changes.
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

/** The changes of a host. A host that was removed from the graph stays as it is: nothing stops or closes there. */
export type HostDifference = {
  readonly host: string;
  readonly change: "added" | "removed" | "changed" | "unchanged";
  /** The systemd units that change. A unit is restarted if any of its options changes. */
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

/** Returns the files that hosts share and that another version of this program has rendered differently. */
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

/** Returns the changes from one state of a host to another. If there is no earlier state, the host counts as new. */
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

/** Returns the changes of all hosts of two graphs, by id. */
export const hostDifferences = (
  before: ReadonlyMap<string, HostParts>,
  after: ReadonlyMap<string, HostParts>,
): ReadonlyArray<HostDifference> =>
  [...new Set([...before.keys(), ...after.keys()])].sort().map((host) => {
    const now = after.get(host);
    return now === undefined ? { host, change: "removed", ...nothing } : hostDifference(host, before.get(host), now);
  });
