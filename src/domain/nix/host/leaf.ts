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

/** The file of the flake with the base for hosts whose operator provides none. */
export const newMachineFile = "modules/new-machine.nix";

/**
 * A file on the host. It names the deployment that has asked for a reboot, and the system to which the host returns if
 * the reboot is not confirmed.
 */
const rebootFile = "/nix/var/cim-leaf/reboot";

/** The number of systems that a host keeps as entries of its boot loader and that the garbage collector spares. */
const keptSystems = 20;

/**
 * The guard of a reboot that a deployment has asked for. If the new system boots but cannot be reached, only the host
 * itself can return to the old one. The guard belongs to the new system, because that is the system that runs after the
 * reboot. It also starts if the boot ends in rescue mode, and it waits only for the root file system.
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
 * The module in {@link leafFile}. It makes a host that admits only ssh until its own module opens more, and that keeps
 * its newest systems. It sets nothing that belongs to the base.
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
      // Generations are removed by number and not by age, because even an old deployment may be rolled back.
      binding(
        "systemd.services.nix-gc.preStart",
        string(
          `/run/current-system/sw/bin/nix-env --profile /nix/var/nix/profiles/system --delete-generations +${keptSystems}\n`,
        ),
      ),
      binding("networking.nftables.enable", boolean(true)),
      binding("networking.firewall.enable", boolean(true)),
      binding("services.openssh.enable", boolean(true)),
      // Newer releases do not read these files by default. A host with its keys there would lock the operator out.
      binding("services.openssh.authorizedKeysInHomedir", byDefault(boolean(true))),
    ]),
  ),
);

/**
 * The module in {@link newMachineFile}, the base of a host without modules of its operator. Unless the host's own
 * module says otherwise, the root file system has the label from NixOS's manual, and no boot loader is installed. A
 * host with a base does not get this module: if its base lacks one of these options, NixOS itself must refuse the
 * system.
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
