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
  lastResort,
  letIn,
  list,
  path,
  reference,
  referencesIn,
  string,
  strings,
} from "../language/expression.ts";
import { optionsOf, sharedOptionsOf } from "../node-kinds.ts";
import { commandLine } from "../unit/command-line.ts";
import { hardeningFile } from "../unit/hardening.ts";
import { healthFile, healthName } from "../unit/health.ts";
import { programPath, programsFile, programsName } from "../unit/programs.ts";
import { taskOptions } from "../unit/task.ts";
import { aspectOptions } from "./aspects.ts";
import { leafFile, newMachineFile } from "./leaf.ts";
import { addressSets, firewallRules, type Path } from "./network.ts";
import type { HostSpecification } from "./specification.ts";

/** Returns the NixOS module of a host. It becomes a file in `hosts/` of the flake. */
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

/** The files that several hosts share and that are not modules. A host that uses one binds its name. */
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

/** Returns every option of a host. The options of a node follow a comment that names the node. */
const hostOptions = (host: HostSpecification): ReadonlyArray<Binding> => [
  binding(
    "imports",
    list([
      inFlake(leafFile),
      ...(host.base.imports.length === 0 ? [inFlake(newMachineFile)] : host.base.imports.map(inFlake)),
    ]),
  ),
  ...systemOptions(host),
  ...networkOptions(host),
  ...userOptions(host),
  ...headed("together", sharedOptionsOf(host.nodes)),
  ...aspectOptions(host.aspects),
  ...host.nodes.flatMap((node) => headed(`${node.id}: ${node.type}`, optionsOf(node))),
];

const headed = (comment: string, options: ReadonlyArray<Binding>): ReadonlyArray<Binding> =>
  options.map((option, index) => (index === 0 ? { ...option, comment } : option));

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
        binding("boot.initrd.availableKernelModules", strings([...drivers, ...driversOf[system]])),
      ]),
];

/**
 * The drivers for the disks of virtual machines. NixOS puts the drivers of usual hardware (AHCI, NVMe, SCSI) into the
 * first stage of the boot, but not these. Without them a virtual machine could switch to the new system but never boot
 * it.
 */
const drivers = ["virtio_pci", "virtio_blk", "virtio_scsi", "virtio_mmio", "usb_storage"];

/** Drivers that exist only in the kernels of one kind of processor. If a driver does not exist, the build fails. */
const driversOf: Readonly<Record<HostSpecification["system"], ReadonlyArray<string>>> = {
  "x86_64-linux": ["xen-blkfront", "hv_storvsc", "vmw_pvscsi", "mptspi"],
  "aarch64-linux": [],
};

/**
 * Returns the disk of a partition, for the boot loader. If the name does not show the disk, it returns `nodev`, and no
 * boot loader is installed.
 */
const diskOf = (partition: string): string =>
  /^(?<disk>\/dev\/(?:[shvx]v?d[a-z]+))\d+$/.exec(partition)?.groups?.disk ??
  /^(?<disk>\/dev\/(?:nvme\d+n\d+|mmcblk\d+))p\d+$/.exec(partition)?.groups?.disk ??
  /^(?<disk>\/dev\/disk\/by-(?:id|path)\/.+)-part\d+$/.exec(partition)?.groups?.disk ??
  "nodev";

/**
 * Returns the options of the network. The firewall admits exactly what the graph allows, and ssh, because a host is
 * deployed over ssh.
 */
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

/** The users that the graph names for services. */
const userOptions = ({ nodes }: HostSpecification): ReadonlyArray<Binding> => {
  const users = nodes.flatMap((node) => ("user" in node && node.user !== undefined ? [node.user] : []));
  return [...new Set(users)]
    .filter((user) => user !== "root")
    .sort()
    .flatMap((user) => [
      // The base may define the user as a person, and NixOS then sets other defaults.
      binding(["users", "users", user, "isSystemUser"], lastResort(boolean(true))),
      binding(["users", "users", user, "group"], lastResort(string(user))),
      binding(["users", "groups", user], attributes([])),
    ]);
};

const namesUnit = "cim-firewall-names";

/** Returns the sets of nixos-fw with the addresses of hosts that have DNS names. */
const setsText = (hosts: ReadonlyArray<Pick<Path, "host">>): string =>
  hosts
    .flatMap(({ host }) => {
      const { v4, v6 } = addressSets(host);
      return [`set ${v4} { type ipv4_addr; }\n`, `set ${v6} { type ipv6_addr; }\n`];
    })
    .join("");

/**
 * Returns the unit and the timer that look up hosts with DNS names, because the firewall knows only addresses. They run
 * when the firewall starts and every minute. A host is admitted only by addresses that were found.
 */
const nameOptions = (hosts: ReadonlyArray<Pick<Path, "host" | "address">>): ReadonlyArray<Binding> =>
  hosts.length === 0
    ? []
    : [
        binding(["networking", "nftables", "tables", "nixos-fw", "content"], string(setsText(hosts))),
        taskOptions({
          name: namesUnit,
          description: "Looks up the hosts that the firewall lets in by name",
          settings: [
            binding("wantedBy", strings(["multi-user.target", "nftables.service"])),
            binding("after", strings(["network-online.target", "nftables.service"])),
            binding("wants", strings(["network-online.target"])),
          ],
          command: commandLine(
            programPath("resolveNames"),
            hosts.flatMap(({ host, address }) => [host, address]),
          ),
        }),
        binding(
          ["systemd", "timers", namesUnit],
          attributes([
            binding("wantedBy", strings(["timers.target"])),
            binding(
              "timerConfig",
              attributes([binding("OnUnitInactiveSec", string("1min")), binding("OnBootSec", string("1min"))]),
            ),
          ]),
        ),
      ];
