import type { AdoptableHost } from "../../host/adoptable.ts";
import { defined } from "../../kernel/mod.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  integer,
  lambda,
  list,
  path,
  referencesIn,
  string,
  strings,
} from "../language/expression.ts";
import { printFile } from "../language/print.ts";
import { adoptedBoot } from "./boot.ts";
import { adoptedNetwork } from "./network.ts";
import type { Part } from "./part.ts";
import { adoptedStorage } from "./storage.ts";
import { adoptedSudo, adoptedUsers } from "./users.ts";

/** A base that was made from a running host. */
export interface AdoptedBase {
  /** The texts of the modules by their names. */
  readonly files: Readonly<Record<string, string>>;
  /** The module that imports the others. */
  readonly entry: string;
  readonly system: "x86_64-linux" | "aarch64-linux";
  readonly stateVersion?: string;
  /** What could not be taken over or needs a look, one sentence each. */
  readonly missing: ReadonlyArray<string>;
}

const hardwareFile = "hardware.nix";
const baseFile = "base.nix";

const adoptedLocale = ({ timeZone, locale, keyMap }: AdoptableHost): Part => ({
  options: [
    ...(timeZone === undefined ? [] : [binding("time.timeZone", string(timeZone))]),
    ...(locale === undefined ? [] : [binding("i18n.defaultLocale", string(locale))]),
    ...(keyMap === undefined ? [] : [binding("console.keyMap", string(keyMap))]),
  ],
  missing: [],
});

const rootLogins = new Set(["yes", "without-password", "prohibit-password", "forced-commands-only", "no"]);

/**
 * Returns the options of ssh that differ from the defaults of NixOS. The graph states one port, so the base adds the
 * others.
 */
const adoptedSsh = ({ sshd, sshPorts }: AdoptableHost, port: number): Part => {
  const root = sshd.get("permitrootlogin") ?? "";
  const login = root === "without-password" ? "prohibit-password" : root;
  const ports = sshPorts.filter((one) => one !== port);
  const no = (name: string, option: string): ReadonlyArray<Binding> =>
    sshd.get(name) === "no" ? [binding(["services", "openssh", "settings", option], boolean(false))] : [];
  return {
    options: [
      ...(ports.length === 0 ? [] : [binding("services.openssh.ports", list(ports.map(integer)))]),
      ...(rootLogins.has(login) && login !== "prohibit-password"
        ? [binding("services.openssh.settings.PermitRootLogin", string(login))]
        : []),
      ...no("passwordauthentication", "PasswordAuthentication"),
      ...no("kbdinteractiveauthentication", "KbdInteractiveAuthentication"),
    ],
    missing: [],
  };
};

/** The settings of nix that every host has. */
const usual: Readonly<Record<string, string>> = {
  "trusted-users": "root",
  "trusted-public-keys": "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=",
  substituters: "https://cache.nixos.org/",
};

const adoptedNix = ({ nix }: AdoptableHost): Part => ({
  options: Object.entries(usual).flatMap(([name, own]) => {
    const values = (nix.get(name) ?? "").split(" ").filter((value) => value !== "" && value !== own);
    return values.length === 0 ? [] : [binding(["nix", "settings", name], strings(values))];
  }),
  missing: [],
});

/** Services that every NixOS runs, and services that the base brings along. */
const usualService =
  /^(?:systemd-|dbus|user@|getty@|serial-getty@|autovt@|sshd?[.@]|nix-daemon|nscd|nsncd|dhcpcd|network-|NetworkManager|wpa_supplicant|ModemManager|polkit|rtkit|acpid|cim-|resolvconf|kmod|lvm2|smartd|qemu-guest-agent|chronyd|logrotate)/;

const notSaid = (host: AdoptableHost, id: string): ReadonlyArray<string> => {
  const services = host.services.filter((unit) => !usualService.test(unit));
  return [
    ...(host.hardware === ""
      ? [
          "the hardware: there is no `nixos-generate-config` on the host, so write the drivers of the first stage and the file systems yourself",
        ]
      : host.hardwareSaid.map((line) => `nixos-generate-config says: ${line}`)),
    ...(host.hostName === id || host.hostName === ""
      ? []
      : [`the name ${host.hostName}: the host is called ${id}, as in the graph`]),
    ...(services.length === 0
      ? []
      : [
          `services that run (${services.join(", ")}): make nodes of them, or modules of the base; those that are neither stop at the first deployment`,
        ]),
    ...host.secrets.map(
      (program) =>
        `${program}: name its flake in \`inputs\` of the host, and import its module and your settings of it`,
    ),
    "firewall rules, packages, kernel settings (sysctl) and what else the host's own configuration says: see /etc/nixos there",
  ];
};

const stateVersionOf = ({ stateVersions, release }: AdoptableHost) => {
  const [only, ...others] = stateVersions;
  if (only !== undefined && others.length === 0) return { stateVersion: only, missing: [] };
  const found =
    others.length > 0 ? `/etc/nixos has several (${stateVersions.join(", ")})` : "/etc/nixos does not say it";
  return {
    stateVersion: release !== undefined && /^\d{2}\.\d{2}$/.test(release) ? release : undefined,
    missing: [
      `\`stateVersion\`, the release that the host was installed with: ${found}; ${release === undefined ? "set it" : `${release} runs now`}`,
    ],
  };
};

/**
 * Makes a base from what was read on a host. With its modules the host stays what it is besides the services of its
 * graph. `id` and `port` are the id and the ssh port that its graph states.
 */
export const adoptedBase = (
  host: AdoptableHost,
  { id, port }: { readonly id: string; readonly port: number },
): AdoptedBase => {
  const headed: ReadonlyArray<readonly [string, Part]> = [
    ["boot loader", adoptedBoot(host)],
    ["file systems and swap besides those of the hardware module", adoptedStorage(host)],
    ["network", adoptedNetwork(host)],
    ["users", adoptedUsers(host)],
    ["sudo", adoptedSudo(host)],
    ["ssh", adoptedSsh(host, port)],
    ["nix", adoptedNix(host)],
    ["time zone, language, keyboard", adoptedLocale(host)],
  ];
  const options = headed.flatMap(([comment, part]) =>
    part.options.map((option, index) => (index === 0 ? { ...option, comment } : option)),
  );
  const imports = host.hardware === "" ? [] : [binding("imports", list([path(`./${hardwareFile}`)]))];
  const body = attributes([...imports, ...options]);
  const { stateVersion, missing } = stateVersionOf(host);
  const parameters = referencesIn(body).has("pkgs") ? ["pkgs"] : [];
  return {
    files: {
      [baseFile]: printFile(
        lambda(parameters, body),
        `What ${id} is besides the services of its graph, as it was when it was adopted.`,
      ),
      ...(host.hardware === "" ? {} : { [hardwareFile]: host.hardware }),
    },
    entry: baseFile,
    system: host.machine === "aarch64" ? "aarch64-linux" : "x86_64-linux",
    ...defined({ stateVersion }),
    missing: [...headed.flatMap(([, part]) => part.missing), ...missing, ...notSaid(host, id)],
  };
};
