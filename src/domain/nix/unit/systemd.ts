import type { Resources } from "../../graph/values.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  type Expression,
  force,
  integer,
  interpolation,
  list,
  reference,
  string,
  strings,
} from "../language/expression.ts";
import { commandLine, decimal, quotedPath, specifiersEscaped } from "./command-line.ts";
import { programPath } from "./programs.ts";

/** Another unit of the same host that a unit depends on. */
export interface Dependency {
  readonly unit: string;
  /** Whether the unit cannot start without the other one. */
  readonly required: boolean;
  /** Whether the unit starts only after the other one is up. */
  readonly ordered: boolean;
}

/** A node on other hosts that a unit waits for. */
export interface Wait {
  readonly node: string;
  readonly port: number;
  /** The addresses of the hosts that the node runs on. One answer is enough. */
  readonly addresses: ReadonlyArray<string>;
  /** Whether the start fails if no address answers in time. Otherwise the start continues. */
  readonly required: boolean;
}

/** A folder that a unit uses. */
export interface Mount {
  readonly path: string;
  readonly readOnly: boolean;
}

/** The requirements of the graph on a unit, for any program. */
export interface UnitRequirements {
  /** The units of the same host that the unit depends on. */
  readonly dependencies: ReadonlyArray<Dependency>;
  /** The nodes on other hosts that the unit waits for, if the firewalls let it reach them. */
  readonly waits: ReadonlyArray<Wait>;
  /** The time, in seconds, that the unit waits after all of them are up. */
  readonly startupDelaySeconds: number;
  readonly limits: Resources;
  /** The volumes that the unit uses, by their mount points. */
  readonly mounts: ReadonlyArray<Mount>;
  /** The groups whose files the unit may use. */
  readonly groups: ReadonlyArray<string>;
}

const limitBindings = ({ cpuCores, memoryMb }: Resources): ReadonlyArray<Binding> => [
  ...(cpuCores === undefined
    ? []
    : [binding("CPUQuota", string(`${Math.max(1, Math.round(cpuCores * 10_000)) / 100}%`))]),
  ...(memoryMb === undefined
    ? []
    : [binding("MemoryMax", string(Number.isInteger(memoryMb) ? `${memoryMb}M` : `${Math.ceil(memoryMb * 1024)}K`))]),
];

/** The longest time that a unit waits for a node on another host, in seconds. */
const longestWait = 120;

const waitCommand = ({ node, port, addresses, required }: Wait): Expression =>
  commandLine(programPath("waitForPort", required ? "" : "-"), [String(longestWait), node, String(port), ...addresses]);

const sleepCommand = (seconds: number): Expression =>
  commandLine(interpolation(reference("pkgs", "coreutils"), "/bin/sleep"), [decimal(seconds)]);

/**
 * Returns the commands before a unit. They wait for nodes on other hosts, and then for the delay that the graph asks
 * for.
 */
export const preparations = ({ waits, startupDelaySeconds }: UnitRequirements): ReadonlyArray<Expression> => [
  ...waits.map(waitCommand),
  ...(startupDelaySeconds === 0 ? [] : [sleepCommand(startupDelaySeconds)]),
];

/** Returns the time, in seconds, that a unit may take to start beyond the usual time. */
export const preparationSeconds = ({ waits, startupDelaySeconds }: UnitRequirements): number =>
  waits.length * longestWait + Math.ceil(startupDelaySeconds);

const commandsBefore = (commands: ReadonlyArray<Expression>, last = false): ReadonlyArray<Binding> => {
  if (commands.length === 0) return [];
  const all = list(commands);
  return [binding("ExecStartPre", last ? apply(reference("lib", "mkAfter"), all) : all)];
};

/** `name = [ values ];`, or nothing if there are no values. */
export const stringsBinding = (name: string, values: ReadonlyArray<string>): ReadonlyArray<Binding> =>
  values.length === 0 ? [] : [binding(name, strings(values))];

/**
 * Returns the setting for files that only root can read, by the names that they have in the unit's credentials folder.
 */
export const credentialBindings = (files: Readonly<Record<string, string>>): ReadonlyArray<Binding> =>
  stringsBinding(
    "LoadCredential",
    Object.entries(files).map(([name, file]) => `${name}:${specifiersEscaped(file)}`),
  );

/**
 * Returns the setting for the mounts that must exist before the unit starts. Spaces separate paths in this setting
 * (systemd.unit(5)).
 */
const mountBindings = (mounts: ReadonlyArray<Mount>): ReadonlyArray<Binding> =>
  mounts.length === 0
    ? []
    : [binding("unitConfig.RequiresMountsFor", strings(mounts.map(({ path }) => quotedPath(path))))];

/** Returns the settings that order a unit after the units that it needs, and after `also`. */
export const orderingBindings = (unit: UnitRequirements, also: ReadonlyArray<string> = []): ReadonlyArray<Binding> => {
  const names = (chosen: (dependency: Dependency) => boolean) =>
    unit.dependencies.filter(chosen).map((other) => other.unit);
  return [
    ...stringsBinding("after", [...also, ...names(({ ordered }) => ordered)]),
    ...stringsBinding(
      "requires",
      names(({ required }) => required),
    ),
    ...stringsBinding("wants", [...also, ...names(({ required }) => !required)]),
    ...mountBindings(unit.mounts),
  ];
};

/** Returns the part of `serviceConfig` with a unit's limits and delay. `more` are commands before the unit. */
export const serviceConfigBindings = (
  unit: UnitRequirements,
  more: ReadonlyArray<Expression> = [],
): ReadonlyArray<Binding> => [...commandsBefore([...preparations(unit), ...more]), ...limitBindings(unit.limits)];

/** systemd's own `DefaultTimeoutStartSec`, in seconds. */
const usualStartSeconds = 90;

/** Returns the start timeout of a unit: the usual one, and the time for the commands before it. */
export const startTimeoutBindings = (unit: UnitRequirements): ReadonlyArray<Binding> => {
  const before = preparationSeconds(unit);
  return before === 0 ? [] : [binding("TimeoutStartSec", integer(usualStartSeconds + before))];
};

/** Additions to a unit that one of NixOS's own modules defines, besides the requirements of the graph. */
export interface UnitAdditions {
  readonly settings?: ReadonlyArray<Binding>;
  /** The commands before the unit, after those that wait. */
  readonly preparations?: ReadonlyArray<Expression>;
  /** Whether these come after the commands of NixOS. Otherwise their order is undefined. */
  readonly preparedLast?: boolean;
  readonly serviceConfig?: ReadonlyArray<Binding>;
}

/**
 * Returns the requirements of the graph on a unit that one of NixOS's own modules defines, with other additions to it.
 */
export const unitBindings = (
  name: string,
  unit: UnitRequirements,
  { settings = [], preparations: more = [], preparedLast = false, serviceConfig: others = [] }: UnitAdditions = {},
): ReadonlyArray<Binding> => {
  const extra = preparationSeconds(unit);
  const serviceConfig = [
    ...commandsBefore([...preparations(unit), ...more], preparedLast),
    ...limitBindings(unit.limits),
    ...(extra === 0 ? [] : [binding("TimeoutStartSec", force(integer(usualStartSeconds + extra)))]),
    ...others,
  ];
  const bindings = [
    ...orderingBindings(unit),
    ...settings,
    ...(serviceConfig.length === 0 ? [] : [binding("serviceConfig", attributes(serviceConfig))]),
  ];
  return bindings.length === 0 ? [] : [binding(["systemd", "services", name], attributes(bindings))];
};
