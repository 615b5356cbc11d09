import {
  apply,
  attributes,
  type Binding,
  binding,
  type Expression,
  inherited,
  lambda,
  list,
  path,
  reference,
  string,
} from "../language/expression.ts";
import type { HostSummary } from "./host-summary.ts";
import { defaultPins, type Pins } from "./pins.ts";

/** Returns the path of a host's module in the flake. */
export const hostFile = (host: string): string => `hosts/${host}.nix`;

/** Returns the inputs of a flake that the modules of its hosts need, each name once. */
const ownInputs = (hosts: ReadonlyArray<HostSummary>): ReadonlyMap<string, HostSummary["inputs"][string]> =>
  new Map(
    hosts
      .flatMap(({ inputs }) => Object.entries(inputs))
      .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)),
  );

/** Returns the names of all inputs that systems are built from. */
export const inputNames = (hosts: ReadonlyArray<HostSummary>): ReadonlyArray<string> => [
  "nixpkgs",
  ...ownInputs(hosts).keys(),
];

/** Returns the references of all inputs that systems are built from. `pins` replace what the graph says. */
export const inputBindings = (hosts: ReadonlyArray<HostSummary>, pins: Pins): ReadonlyArray<Binding> => [
  binding("inputs.nixpkgs.url", string(pins.nixpkgs ?? defaultPins.nixpkgs)),
  ...[...ownInputs(hosts)].flatMap(([name, { url, follows = [] }]) => [
    binding(["inputs", name, "url"], string(pins[name] ?? url)),
    ...follows.map((other) => binding(["inputs", name, "inputs", other, "follows"], string(other))),
  ]),
];

/**
 * Returns the references of the inputs of a rendered `flake.nix` by their names, as {@link inputBindings} wrote them.
 */
export const inputsIn = (flake: string): Pins =>
  Object.fromEntries(
    [...flake.matchAll(/^ {2}inputs\.([^.\s]+)\.url = "((?:[^"\\]|\\.)*)";$/gm)].map(
      ([, name = "", reference = ""]) => [name.replaceAll('"', ""), reference.replace(/\\(.)/g, "$1")],
    ),
  );

/**
 * Returns the expression of `flake.nix` for a graph. `graph` is its id, and `pins` are flake references by the name of
 * the input.
 */
export const flakeExpression = (graph: string, hosts: ReadonlyArray<HostSummary>, pins: Pins = {}): Expression =>
  attributes([
    binding("description", string(`Deployment graph ${graph}`)),
    ...inputBindings(hosts, pins),
    binding(
      "outputs",
      lambda(
        ["self", ...inputNames(hosts)],
        attributes([
          binding("nixosConfigurations", byHost(hosts, nixosConfiguration)),
          binding("checks", attributes(systemsOf(hosts).map((system) => binding([system], checksOf(hosts, system))))),
        ]),
      ),
    ),
  ]);

export const systemsOf = (hosts: ReadonlyArray<HostSummary>): ReadonlyArray<HostSummary["system"]> =>
  [...new Set(hosts.map(({ system }) => system))].sort();

/** Returns the checks of `nix flake check`, which builds every host of a system. */
const checksOf = (hosts: ReadonlyArray<HostSummary>, system: HostSummary["system"]): Expression =>
  byHost(
    hosts.filter((host) => host.system === system),
    ({ id }) => reference("self", "nixosConfigurations", id, "config", "system", "build", "toplevel"),
  );

export const byHost = (
  hosts: ReadonlyArray<HostSummary>,
  value: (host: HostSummary) => Expression,
  name: (host: HostSummary) => string = ({ id }) => id,
): Expression => attributes(hosts.map((host) => binding([name(host)], value(host))));

/** Returns the argument `inputs` for the modules of a host whose operator names flakes; undefined for other hosts. */
export const moduleArguments = ({ inputs }: HostSummary): Expression | undefined => {
  const [first, ...others] = Object.keys(inputs).sort();
  return first === undefined
    ? undefined
    : attributes([binding("inputs", attributes([inherited(["nixpkgs", first, ...others])]))]);
};

const nixosConfiguration = (host: HostSummary): Expression => {
  const given = moduleArguments(host);
  return apply(
    reference("nixpkgs", "lib", "nixosSystem"),
    attributes([
      ...(given === undefined ? [] : [binding("specialArgs", given)]),
      binding("modules", list([path(`./${hostFile(host.id)}`)])),
    ]),
  );
};
