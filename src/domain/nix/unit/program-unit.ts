import {
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  force,
  integer,
  interpolation,
  list,
  merge,
  reference,
  string,
  strings,
} from "../language/expression.ts";
import { commandLine, quotedPath, specifiersEscaped, type Word } from "./command-line.ts";
import { hardening } from "./hardening.ts";
import { type Readiness, readinessCommand, startSeconds } from "./health.ts";
import { longestAccount, shortened, unitName } from "./names.ts";
import {
  credentialBindings,
  orderingBindings,
  preparationSeconds,
  serviceConfigBindings,
  startTimeoutBindings,
  stringsBinding,
  type UnitRequirements,
} from "./systemd.ts";

/** A program of a graph that systemd keeps running. */
export interface ProgramUnit {
  /** The id of the node whose program it is. */
  readonly id: string;
  readonly description: string;
  readonly unit: UnitRequirements;
  /** An absolute path, or a file in `bin`: of `package` if there is one, otherwise of the system's profile. */
  readonly program: string;
  readonly args: ReadonlyArray<string>;
  /** The attribute path of a package in nixpkgs. */
  readonly package?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly environmentFiles: ReadonlyArray<string>;
  /** `LoadCredential`s: files that only root can read, by the names that the program uses for them. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Variables that hold the path of a credential. Here, the value of each is the name of the credential. */
  readonly credentialVariables?: Readonly<Record<string, string>>;
  /** An existing or new system user. If it is absent, systemd creates a temporary user while the program runs. */
  readonly user?: string;
  readonly bindsPrivilegedPort: boolean;
  readonly readiness?: Readiness;
}

const network = "network-online.target";

/** The unit, as an option of the host. */
export const programUnit = (program: ProgramUnit): Binding =>
  binding(["systemd", "services", unitName(program.id)], attributes(unitBindingsOf(program)));

const unitBindingsOf = (program: ProgramUnit): ReadonlyArray<Binding> => {
  const { unit } = program;
  return [
    binding("description", string(program.description)),
    binding("wantedBy", strings(["multi-user.target"])),
    ...orderingBindings(unit, [network]),
    ...(program.package === undefined ? [] : [binding("path", list([packageReference(program.package)]))]),
    ...environmentBindings(program),
    binding("serviceConfig", serviceConfig(program)),
  ];
};

/**
 * Whether systemd accepts a variable. It drops variables with other names, and values with control characters other
 * than tab and newline.
 */
const isVariable = (name: string, value: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !/[\u0001-\u0008\u000b-\u001f\u007f]/.test(value);

const variablesOf = ({ environment }: ProgramUnit, representable: boolean): ReadonlyArray<readonly [string, string]> =>
  Object.entries(environment)
    .filter(([name, value]) => isVariable(name, value) === representable)
    .sort(([left], [right]) => (left < right ? -1 : 1));

/** Returns a variable. NixOS sets PATH itself, so a program's own PATH must replace it. */
const variable = ([name, value]: readonly [string, string]): Binding => {
  const text = string(specifiersEscaped(value));
  return binding([name], name === "PATH" ? force(text) : text);
};

/** Returns the variables of the program that a unit file can hold. */
export const environmentBindings = (program: ProgramUnit): ReadonlyArray<Binding> => {
  const variables = [
    ...variablesOf(program, true).map(variable),
    // `%d` is the folder of credentials, which systemd knows only when the unit starts.
    ...Object.entries(program.credentialVariables ?? {}).map(([name, credential]) =>
      binding([name], string(`%d/${credential}`)),
    ),
  ];
  return variables.length === 0 ? [] : [binding("environment", attributes(variables))];
};

const serviceConfig = (program: ProgramUnit): Expression => {
  const { unit, readiness } = program;
  const settings = [
    ...serviceConfigBindings(unit),
    // With this type, the start fails if the program does not exist. With the default type, it would not.
    binding("Type", string("exec")),
    binding("ExecStart", startCommand(program)),
    ...(readiness === undefined ? [] : [binding("ExecStartPost", list([readinessCommand(readiness)]))]),
    ...timeoutBindings(program),
    binding("Restart", string("always")),
    // This is slower than systemd's limit of five starts in ten seconds, so systemd never gives up.
    binding("RestartSec", integer(5)),
    ...identityBindings(program),
    binding("StateDirectory", string(unitName(program.id))),
    ...accessBindings(program),
    ...stringsBinding("EnvironmentFile", program.environmentFiles.map(specifiersEscaped)),
    ...credentialBindings(program.credentials),
  ];
  return program.user === "root" ? attributes(settings) : merge(hardening, attributes(settings));
};

const timeoutBindings = ({ unit, readiness }: ProgramUnit): ReadonlyArray<Binding> => {
  if (readiness === undefined) return startTimeoutBindings(unit);
  return [binding("TimeoutStartSec", integer(preparationSeconds(unit) + startSeconds(readiness)))];
};

/**
 * Returns the user of the program. A temporary user has the unit's name, so that the unit's health checks can share it.
 */
export const userOf = ({ id, user }: Pick<ProgramUnit, "id" | "user">): string =>
  user ?? shortened(unitName(id), longestAccount);

/** Returns the settings of the unit for its user. */
export const identityBindings = (program: Pick<ProgramUnit, "id" | "user">): ReadonlyArray<Binding> => [
  ...(program.user === undefined ? [binding("DynamicUser", boolean(true))] : []),
  binding("User", string(userOf(program))),
];

/** Returns the capability that a program needs for a port below 1024 if it is not root. */
export const privilegedPortBindings = (bindsPrivilegedPort: boolean): ReadonlyArray<Binding> => {
  const capabilities = strings(["CAP_NET_BIND_SERVICE"]);
  return bindsPrivilegedPort
    ? [binding("AmbientCapabilities", capabilities), binding("CapabilityBoundingSet", capabilities)]
    : [];
};

/**
 * Returns the settings for the folders and groups that the program uses besides its own state. A user that the graph
 * names may have files elsewhere too.
 */
const accessBindings = ({ unit, user, bindsPrivilegedPort }: ProgramUnit): ReadonlyArray<Binding> => {
  const paths = (readOnly: boolean) =>
    unit.mounts.filter((mount) => mount.readOnly === readOnly).map(({ path }) => quotedPath(path));
  return [
    ...(user === undefined || user === "root" ? [] : [binding("ProtectSystem", string("full"))]),
    ...stringsBinding("ReadWritePaths", paths(false)),
    ...stringsBinding("ReadOnlyPaths", paths(true)),
    ...stringsBinding("SupplementaryGroups", unit.groups),
    ...privilegedPortBindings(bindsPrivilegedPort && user !== "root"),
  ];
};

const packageReference = (name: string): Expression => reference("pkgs", ...name.split("."));

/**
 * Whether systemd accepts the path of a program: it has no quotes, backslashes or control characters, and is no folder.
 */
const isProgramPath = (program: string): boolean => !/[\u0001-\u001f"'\\\u007f]|\/$/.test(program);

const programWord = ({ program, package: name }: ProgramUnit): Word => {
  if (program.startsWith("/")) return program;
  return name === undefined
    ? `/run/current-system/sw/bin/${program}`
    : interpolation(packageReference(name), `/bin/${program}`);
};

/** Returns the command line. `env` and a shell pass on the variables and paths that a unit file cannot hold. */
const startCommand = (program: ProgramUnit): Expression => {
  const assignments = variablesOf(program, false).map(([name, value]) => `${name}=${value}`);
  const environment: ReadonlyArray<Word> =
    assignments.length === 0 ? [] : [interpolation(reference("pkgs", "coreutils"), "/bin/env"), ...assignments];
  const shell: ReadonlyArray<Word> = isProgramPath(program.program)
    ? []
    : [interpolation(reference("pkgs", "runtimeShell")), "-c", 'exec "$0" "$@"'];
  const [first, ...rest] = [...environment, ...shell, programWord(program), ...program.args];
  return commandLine(first ?? "", rest);
};
