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
  string,
  strings,
} from "../language/expression.ts";
import { commandLine } from "../unit/command-line.ts";
import { programPath, programsName } from "../unit/programs.ts";
import { descriptionName } from "./description.ts";

/** The file of the flake with the module that every host imports. */
export const leafFile = "modules/leaf.nix";

/** The file of the flake with the base of hosts whose operator gives none. */
export const newMachineFile = "modules/new-machine.nix";

/** On a host: the deployment that has asked for a reboot, and what the host goes back to unless it is confirmed. */
const rebootFile = "/nix/var/cim-leaf/reboot";

/** How many systems a host keeps: as entries of its boot loader, and from the collection of garbage. */
const keptSystems = 20;

/**
 * The guard of a reboot that a deployment has asked for. It is a part of the new system, since that is what runs; it starts
 * also where the boot ends in the rescue mode, and waits for nothing but the root file system.
 */
const wayBack: Binding = binding(
  ["systemd", "services", "cim-way-back"],
  attributes([
    binding("description", string("Goes back to the system before a reboot that nobody confirms")),
    binding("wantedBy", strings(["multi-user.target", "rescue.target", "emergency.target"])),
    binding("before", strings(["shutdown.target"])),
    binding("conflicts", strings(["shutdown.target"])),
    binding("restartIfChanged", boolean(false)),
    binding("path", list([reference("config", "nix", "package"), reference("config", "systemd", "package")])),
    binding(
      "unitConfig",
      attributes([binding("DefaultDependencies", boolean(false)), binding("ConditionPathExists", string(rebootFile))]),
    ),
    binding(
      "serviceConfig",
      attributes([
        binding("Type", string("exec")),
        binding("ExecStart", commandLine(programPath("wayBack"), [rebootFile])),
      ]),
    ),
  ]),
);

/**
 * The module in {@link leafFile}: a host that lets connections in over ssh only, until its own module opens more, and keeps
 * its newest systems. It sets nothing that is the base's.
 */
export const leafModule: Expression = lambda(
  ["config", "lib", "pkgs"],
  letIn(
    [binding([programsName], apply(reference("import"), path("./programs.nix"), attributes([inherited(["pkgs"])])))],
    attributes([
      wayBack,
      binding("imports", list([path(`./${descriptionName}`)])),
      ...["grub", "systemd-boot"].map((loader) =>
        binding(["boot", "loader", loader, "configurationLimit"], byDefault(integer(keptSystems))),
      ),
      binding("nix.gc.automatic", byDefault(boolean(true))),
      binding("nix.gc.dates", byDefault(string("weekly"))),
      // Generations go by their number, not by their age: a deployment may be rolled back however long ago it was.
      binding(
        "systemd.services.nix-gc.preStart",
        string(
          `/run/current-system/sw/bin/nix-env --profile /nix/var/nix/profiles/system --delete-generations +${keptSystems}\n`,
        ),
      ),
      binding("networking.nftables.enable", boolean(true)),
      binding("networking.firewall.enable", boolean(true)),
      binding("services.openssh.enable", boolean(true)),
      // Newer releases do not read these files. A host with its keys there would lock the operator out.
      binding("services.openssh.authorizedKeysInHomedir", byDefault(boolean(true))),
    ]),
  ),
);

/**
 * The module in {@link newMachineFile}, the base of a host without modules of its operator: unless the host's own module
 * says otherwise, the root file system is the one with the label of NixOS's manual, and no boot loader is installed. A host
 * with a base does not get it: if its base forgets one of these, NixOS itself has to refuse the system.
 */
export const newMachineModule: Expression = lambda(
  ["lib"],
  attributes([
    binding(
      ["fileSystems", "/"],
      attributes([
        binding("device", lastResort(string("/dev/disk/by-label/nixos"))),
        binding("fsType", lastResort(string("ext4"))),
      ]),
    ),
    binding("boot.loader.grub.device", lastResort(string("nodev"))),
  ]),
);
