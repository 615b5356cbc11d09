import { addressFamily } from "../../graph/addresses.ts";
import { byText } from "../../graph/order.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  boolean,
  byDefault,
  type Expression,
  inherited,
  integer,
  lambda,
  letIn,
  list,
  path,
  reference,
  string,
  strings,
} from "../language/expression.ts";
import { referencesIn } from "../language/references.ts";
import { optionsOf, sharedOptionsOf } from "../node-kinds.ts";
import { hardeningFile } from "../unit/hardening.ts";
import { healthFile, healthName } from "../unit/health-functions.ts";
import { programsFile, programsName } from "../unit/programs.ts";
import { aspectOptions } from "./aspects.ts";
import { leafFile } from "./base.ts";
import { nameOptions } from "./names.ts";
import { firewallRules } from "./network.ts";
import type { HostSpecification } from "./specification.ts";

/** The NixOS module of a host. It stands in `hosts/` of the flake. */
export const hostModule = (host: HostSpecification): Expression => {
  const options = attributes(hostOptions(host));
  const used = referencesIn(options);
  const shared = sharedFiles.filter(({ name }) => used.has(name));
  const names = new Set([...used, ...shared.flatMap(({ needs }) => needs)]);
  const parameters = ["config", "lib", "pkgs"].filter((name) => names.has(name));
  return lambda(
    parameters,
    shared.length === 0
      ? options
      : letIn(
          shared.map(({ name, value }) => binding([name], value)),
          options,
        ),
  );
};

const inFlake = (file: string): Expression => path(`../${file}`);

/** What several hosts share, other than modules: bound where a host uses it. */
const sharedFiles: ReadonlyArray<{
  readonly name: string;
  readonly needs: ReadonlyArray<string>;
  readonly value: Expression;
}> = [
  { name: "hardening", needs: [], value: apply(reference("import"), inFlake(hardeningFile)) },
  ...[
    { name: healthName, file: healthFile },
    { name: programsName, file: programsFile },
  ].map(({ name, file }) => ({
    name,
    needs: ["pkgs"],
    value: apply(reference("import"), inFlake(file), attributes([inherited(["pkgs"])])),
  })),
];

/** Every option of a host, those of its nodes behind a comment that names the node. */
const hostOptions = (host: HostSpecification): ReadonlyArray<Binding> => [
  binding("imports", list([inFlake(leafFile), ...host.imports.map(importPath)])),
  ...systemOptions(host),
  ...networkOptions(host),
  ...userOptions(host),
  ...headed("together", sharedOptionsOf(host.nodes)),
  ...aspectOptions(host.aspects),
  ...host.nodes.flatMap((node) => headed(`${node.id}: ${node.type}`, optionsOf(node))),
];

const headed = (comment: string, options: ReadonlyArray<Binding>): ReadonlyArray<Binding> =>
  options.map((option, index) => (index === 0 ? { ...option, comment } : option));

const importPath = (file: string): Expression =>
  path(file.startsWith("/") ? file : `../${file.replace(/^(?:\.\/)+/, "")}`);

const systemOptions = ({ system, stateVersion, rootDevice }: HostSpecification): ReadonlyArray<Binding> => [
  binding("nixpkgs.hostPlatform", string(system)),
  binding("system.stateVersion", string(stateVersion)),
  ...(rootDevice === undefined
    ? []
    : [
        binding(
          ["fileSystems", "/"],
          attributes([binding("device", byDefault(string(rootDevice))), binding("fsType", byDefault(string("ext4")))]),
        ),
        binding("boot.loader.grub.device", byDefault(string(diskOf(rootDevice)))),
      ]),
];

/** The disk that a partition is on, for the boot loader; `nodev` (none is installed) where the name does not tell. */
const diskOf = (partition: string): string =>
  /^(?<disk>\/dev\/(?:[shvx]v?d[a-z]+))\d+$/.exec(partition)?.groups?.disk ??
  /^(?<disk>\/dev\/(?:nvme\d+n\d+|mmcblk\d+))p\d+$/.exec(partition)?.groups?.disk ??
  /^(?<disk>\/dev\/disk\/by-(?:id|path)\/.+)-part\d+$/.exec(partition)?.groups?.disk ??
  "nodev";

/** The firewall lets in exactly what the graph says, and ssh, by which the host is deployed. */
const networkOptions = (host: HostSpecification): ReadonlyArray<Binding> => {
  const { id, ssh, publicPorts, paths, names } = host;
  const rules = [...new Set(paths.flatMap(firewallRules))];
  return [
    binding("networking.hostName", string(id)),
    ...(names.length === 0
      ? []
      : [
          binding(
            "networking.hosts",
            attributes(names.map(({ address, nodes }) => binding([address], strings(nodes)))),
          ),
        ]),
    ...(publicPorts.length === 0
      ? []
      : [
          binding(
            "networking.firewall.allowedTCPPorts",
            list([...new Set(publicPorts.map(({ port }) => port))].map(integer)),
          ),
        ]),
    ...(rules.length === 0
      ? []
      : [binding("networking.firewall.extraInputRules", string(rules.map((rule) => `${rule}\n`).join("")))]),
    ...nameOptions(
      [...new Map(paths.map((way) => [way.host, way])).values()]
        .filter(({ address }) => addressFamily(address) === undefined)
        .toSorted(byText((way) => way.host)),
    ),
    binding("services.openssh.ports", list([integer(ssh.port)])),
  ];
};

/** The users that services and agents run as, where the graph names them. */
const userOptions = ({ nodes }: HostSpecification): ReadonlyArray<Binding> => {
  const users = nodes.flatMap((node) => ("user" in node && node.user !== undefined ? [node.user] : []));
  return [...new Set(users)]
    .filter((user) => user !== "root")
    .sort()
    .flatMap((user) => [
      binding(["users", "users", user, "isSystemUser"], byDefault(boolean(true))),
      binding(["users", "users", user, "group"], byDefault(string(user))),
      binding(["users", "groups", user], attributes([])),
    ]);
};
