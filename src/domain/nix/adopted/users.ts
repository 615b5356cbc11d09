import type { AdoptableHost, AdoptableUser } from "../../host/adoptable.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  integer,
  list,
  reference,
  string,
  strings,
} from "../language/expression.ts";
import type { Part } from "./part.ts";

/** Smaller ids belong to users of the system (login.defs of NixOS). */
const firstPerson = 1000;

const isPerson = ({ uid }: AdoptableUser): boolean => uid >= firstPerson;

/** The group that NixOS gives a person whose user names no other. */
const peoplesGroup = "users";

/** Groups that every NixOS has. */
const ownGroups = new Set(
  (
    "root wheel disk kmem tty floppy uucp lp cdrom tape audio video dialout nogroup users nixbld utmp adm input kvm " +
    "render sgx shadow"
  ).split(" "),
);

/** Shells that also need a module of NixOS. */
const knownShells: ReadonlySet<string> = new Set(["zsh", "fish"]);

const shellOf = ({ shell }: AdoptableUser): string => shell.split("/").at(-1) ?? "";

const keysOf = ({ keys }: AdoptableHost, name: string): ReadonlyArray<string> => [
  ...new Set(keys.filter(({ user }) => user === name).map(({ line }) => line.trim())),
];

const keyOptions = (host: AdoptableHost, name: string): ReadonlyArray<Binding> => {
  const keys = keysOf(host, name);
  return keys.length === 0 ? [] : [binding("openssh.authorizedKeys.keys", strings(keys))];
};

const groupNameOf = ({ groups }: AdoptableHost, user: AdoptableUser): string | undefined =>
  groups.find(({ gid }) => gid === user.gid)?.name;

const groupsOf = ({ groups }: AdoptableHost, name: string): ReadonlyArray<string> =>
  groups.filter(({ members }) => members.includes(name)).map((group) => group.name);

const userOptions = (host: AdoptableHost, user: AdoptableUser): ReadonlyArray<Binding> => {
  const { name, uid, description, home } = user;
  const group = groupNameOf(host, user);
  const others = groupsOf(host, name).filter((other) => other !== group);
  const person = isPerson(user);
  const shell = shellOf(user);
  return [
    binding(person ? "isNormalUser" : "isSystemUser", boolean(true)),
    binding("uid", integer(uid)),
    ...(group === undefined || (person && group === peoplesGroup) ? [] : [binding("group", string(group))]),
    ...(others.length === 0 ? [] : [binding("extraGroups", strings(others))]),
    ...(description === "" ? [] : [binding("description", string(description))]),
    ...(person && home === `/home/${name}` ? [] : [binding("home", string(home))]),
    ...(knownShells.has(shell) ? [binding("shell", reference("pkgs", shell))] : []),
    ...(!person && shell === "bash" ? [binding("useDefaultShell", boolean(true))] : []),
    ...keyOptions(host, name),
  ];
};

/** Returns the options for the users who log in, with their groups and keys. Passwords stay on the host. */
export const adoptedUsers = (host: AdoptableHost): Part => {
  const { users, groups, passwords } = host;
  const root = keyOptions(host, "root");
  const used = new Set(
    users.flatMap((user) => [
      ...groupsOf(host, user.name),
      ...[groupNameOf(host, user)].filter((name) => name !== undefined),
    ]),
  );
  const shells = [...new Set(users.map(shellOf).filter((shell) => knownShells.has(shell)))].sort();
  const options: ReadonlyArray<Binding> = [
    ...(root.length === 0 ? [] : [binding(["users", "users", "root"], attributes(root))]),
    ...users.map((user) => binding(["users", "users", user.name], attributes(userOptions(host, user)))),
    ...groups
      .filter(({ name }) => used.has(name) && !ownGroups.has(name))
      .map(({ name, gid }) => binding(["users", "groups", name, "gid"], integer(gid))),
    ...shells.map((shell) => binding(["programs", shell, "enable"], boolean(true))),
  ];
  const left = users.filter(
    (user) => !knownShells.has(shellOf(user)) && !/^(?:bash|sh|nologin|false)$/.test(shellOf(user)),
  );
  const kept = passwords.filter((name) => users.some((user) => user.name === name));
  return {
    options,
    missing: [
      ...left.map(
        ({ name, shell }) =>
          `the shell of ${name} is ${shell}, and the base gives it the default one: set \`users.users.${name}.shell\``,
      ),
      ...(kept.length === 0
        ? []
        : [
            `passwords (${kept.join(", ")}): they stay on this host, and are in no file; a host that is set up again has none`,
          ]),
      ...passwords
        .filter((name) => !kept.includes(name))
        .map((name) => `user ${name} of the system, who has a password: declare it, or accept that it goes`),
    ],
  };
};

/** A rule of sudo: the user or group, the hosts, the user to become, the tags and the commands. */
const rule =
  /^(?<who>[^\s=]+) (?<hosts>[^\s=]+) ?= ?(?:\((?<as>[^)]*)\) ?)?(?<tags>(?:[A-Z_]+: ?)*)(?<commands>[^:]+)$/;

/** Rules that NixOS writes itself. */
const ownRule = /^(?:root|%wheel) ALL ?= ?\(ALL(?: ?: ?ALL)?\) ?(?:SETENV: ?)?ALL$/;

interface SudoRule {
  readonly who: string;
  readonly as: string;
  readonly options: ReadonlyArray<string>;
  readonly commands: ReadonlyArray<string>;
}

const readRule = (line: string): SudoRule | undefined => {
  const { who, hosts, as = "ALL:ALL", tags = "", commands } = rule.exec(line)?.groups ?? {};
  if (who === undefined || commands === undefined || hosts !== "ALL" || /[\\"]/.test(line)) return undefined;
  const options = tags.split(":").flatMap((tag) => (tag.trim() === "" ? [] : [tag.trim()]));
  return { who, as: as.replaceAll(" ", ""), options, commands: commands.split(",").map((one) => one.trim()) };
};

const ruleValue = ({ who, as, options, commands }: SudoRule): Expression =>
  attributes([
    who.startsWith("%") ? binding("groups", strings([who.slice(1)])) : binding("users", strings([who])),
    ...(as === "ALL:ALL" || as === "ALL" ? [] : [binding("runAs", string(as))]),
    binding(
      "commands",
      list(
        commands.map((command) =>
          attributes([binding("command", string(command)), binding("options", strings(options))]),
        ),
      ),
    ),
  ]);

const isWheelWithoutPassword = ({ who, options, commands }: SudoRule): boolean =>
  who === "%wheel" && options.includes("NOPASSWD") && commands.includes("ALL");

/** Whether the user or group of a rule is in the base. */
const isOfBase = ({ who }: SudoRule, { users, groups }: AdoptableHost): boolean =>
  who === "ALL" ||
  who === "root" ||
  (who.startsWith("%")
    ? ownGroups.has(who.slice(1)) ||
      groups.some(
        ({ name, members }) => `%${name}` === who && members.some((one) => users.some((user) => user.name === one)),
      )
    : users.some(({ name }) => name === who));

/** Returns the options for the users who may become root, and under which conditions. */
export const adoptedSudo = (host: AdoptableHost): Part => {
  const lines = host.sudo.filter((line) => !line.startsWith("Defaults") && !ownRule.test(line));
  const read = lines.map((line) => ({ line, rule: readRule(line) }));
  const rules = read.flatMap((one) => (one.rule !== undefined && isOfBase(one.rule, host) ? [one.rule] : []));
  const program = host.sudoRs ? "sudo-rs" : "sudo";
  const others = rules.filter((one) => !isWheelWithoutPassword(one));
  return {
    options: [
      ...(host.sudoRs
        ? [binding("security.sudo-rs.enable", boolean(true)), binding("security.sudo.enable", boolean(false))]
        : []),
      ...(rules.some(isWheelWithoutPassword)
        ? [binding(["security", program, "wheelNeedsPassword"], boolean(false))]
        : []),
      ...(others.length === 0 ? [] : [binding(["security", program, "extraRules"], list(others.map(ruleValue)))]),
    ],
    missing: read
      .filter((one) => one.rule === undefined || !isOfBase(one.rule, host))
      .map(({ line }) => `the rule of sudo \`${line}\`: add it to \`security.${program}.extraConfig\` if it is needed`),
  };
};
