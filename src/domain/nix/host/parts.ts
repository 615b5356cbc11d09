import type { GraphDocument } from "../../graph/document.ts";
import type { Assignment, Binding, Expression } from "../language/expression.ts";
import { print } from "../language/print.ts";
import { optionsOf } from "../node-kinds.ts";
import { specify } from "./mod.ts";
import { hostModule } from "./options.ts";
import type { HostSpecification } from "./specification.ts";

/** One thing that a host's firewall lets in: a node from another host by its address, or everyone. */
export type Opening = {
  readonly from?: string;
  readonly address?: string;
  readonly to: string;
  readonly transport: "tcp" | "udp";
  readonly port: number;
};

/** What a host is made of, as texts: two hosts whose texts are equal are equal. */
export interface HostParts {
  /** The whole module. */
  readonly module: string;
  /** Of each systemd unit everything that it is made of. */
  readonly units: ReadonlyMap<string, string>;
  readonly openings: ReadonlyMap<string, Opening>;
  /** What belongs to no unit, by the path of the option. */
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

/** The unit that an option defines: `systemd.timers.backup…` is of `backup.timer`. */
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

/** What the firewall's options say, `openings` say better. */
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

/** Takes a host apart. */
const partsOf = (host: HostSpecification): HostParts => {
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
      // NixOS makes units of it, by rules of its own: any of them may be another.
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
  return { module: print(module), units: joined(units), openings: openingsOf(host), settings: joined(settings) };
};

/** The hosts of a valid graph, taken apart, by their ids. */
export const hostPartsOf = (document: GraphDocument): ReadonlyMap<string, HostParts> =>
  new Map(Array.from(specify(document), (host) => [host.id, partsOf(host)]));
