import { systemFile } from "../../host/built-system.ts";
import {
  apply,
  attributes,
  binding,
  concat,
  type Expression,
  fn,
  inherited,
  lambda,
  list,
  reference,
} from "../language/expression.ts";

export const descriptionName = "description.nix";

/** The file of the flake with the module that makes a built system describe its host. */
export const descriptionFile = `modules/${descriptionName}`;

const config = (...names: ReadonlyArray<string>): Expression => reference("config", ...names);

/** Returns a list of the results of a function for each value of a set. */
const eachOf = (set: Expression, parameter: string, made: Expression): Expression =>
  apply(reference("lib", "mapAttrsToList"), fn("_", fn(parameter, made)), set);

const mapped = (items: Expression, parameter: string, made: Expression): Expression =>
  apply(reference("map"), fn(parameter, made), items);

const flat = (lists: Expression): Expression => apply(reference("lib", "concatLists"), lists);

const passwordOptions = [
  "password",
  "hashedPassword",
  "hashedPasswordFile",
  "initialPassword",
  "initialHashedPassword",
] as const;

const user = (...names: ReadonlyArray<string>): Expression => reference("user", ...names);

const users: Expression = apply(
  reference("lib", "mapAttrs"),
  fn(
    "_",
    fn(
      "user",
      attributes([
        inherited(["group", "extraGroups"], user()),
        binding(
          "keys",
          concat(
            user("openssh", "authorizedKeys", "keys"),
            apply(reference("map"), reference("builtins", "readFile"), user("openssh", "authorizedKeys", "keyFiles")),
          ),
        ),
        binding(
          "passwords",
          apply(reference("map"), reference("builtins", "isString"), list(passwordOptions.map((name) => user(name)))),
        ),
      ]),
    ),
  ),
  config("users", "users"),
);

const staticAddresses: Expression = concat(
  flat(
    eachOf(
      config("networking", "interfaces"),
      "interface",
      mapped(
        concat(reference("interface", "ipv4", "addresses"), reference("interface", "ipv6", "addresses")),
        "entry",
        reference("entry", "address"),
      ),
    ),
  ),
  flat(eachOf(config("systemd", "network", "networks"), "network", reference("network", "address"))),
);

/**
 * The description of what the system makes of its host besides the services, by its own options. A deployer reads it
 * before an activation and compares it with what the host has. It contains no secrets: for a password it only says
 * whether there is one.
 */
const description: Expression = attributes([
  binding(
    "fileSystems",
    eachOf(
      config("fileSystems"),
      "entry",
      attributes([inherited(["mountPoint", "device", "label", "fsType"], reference("entry"))]),
    ),
  ),
  binding("swapDevices", mapped(config("swapDevices"), "swap", attributes([inherited(["device"], reference("swap"))]))),
  binding(
    "grub",
    attributes([inherited(["enable", "device", "devices", "efiSupport"], config("boot", "loader", "grub"))]),
  ),
  binding("systemdBoot", config("boot", "loader", "systemd-boot", "enable")),
  inherited(["availableKernelModules", "kernelModules"], config("boot", "initrd")),
  binding("users", users),
  inherited(["mutableUsers"], config("users")),
  binding(
    "sudo",
    mapped(
      list([config("security", "sudo"), config("security", "sudo-rs")]),
      "sudo",
      attributes([
        inherited(["enable", "wheelNeedsPassword"], reference("sudo")),
        binding(
          "extraRules",
          mapped(
            reference("sudo", "extraRules"),
            "rule",
            attributes([inherited(["users", "groups", "commands"], reference("rule"))]),
          ),
        ),
      ]),
    ),
  ),
  binding("sshPorts", config("services", "openssh", "ports")),
  inherited(["authorizedKeysInHomedir"], config("services", "openssh")),
  binding("addresses", staticAddresses),
  binding(
    "gateways",
    concat(
      list([config("networking", "defaultGateway"), config("networking", "defaultGateway6")]),
      flat(eachOf(config("systemd", "network", "networks"), "network", reference("network", "gateway"))),
    ),
  ),
  binding("networkManager", config("networking", "networkmanager", "enable")),
]);

/** The module in {@link descriptionFile}. */
export const descriptionModule: Expression = lambda(
  ["config", "lib"],
  attributes([
    binding(["environment", "etc", systemFile, "text"], apply(reference("builtins", "toJSON"), description)),
  ]),
);
