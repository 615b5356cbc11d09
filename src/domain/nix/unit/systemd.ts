import type { Resources } from "../../graph/values.ts";
import {
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

export interface Dependency {
  readonly unit: string;
  /** It does not start without the other; otherwise it is only wished for. */
  readonly required: boolean;
  /** It starts when the other is up. */
  readonly ordered: boolean;
}

/** A node on other hosts that a unit waits for. */
export interface Wait {
  readonly node: string;
  readonly port: number;
  /** Of the hosts that the node runs on; one that answers is enough. */
  readonly addresses: ReadonlyArray<string>;
  /** The start fails where none answers in time; otherwise it goes on. */
  readonly required: boolean;
}

/** A folder that a unit uses. */
export interface Mount {
  readonly path: string;
  readonly readOnly: boolean;
}

/** What the graph asks of a unit, whatever it runs. */
export interface UnitRequirements {
  /** The units of the same host that it depends on. */
  readonly dependencies: ReadonlyArray<Dependency>;
  /** What it depends on elsewhere, as far as the firewalls let it see that. */
  readonly waits: ReadonlyArray<Wait>;
  /** How long it waits after all of them are up. */
  readonly startupDelaySeconds: number;
  readonly limits: Resources;
  /** The volumes that it uses, by where they are mounted. */
  readonly mounts: ReadonlyArray<Mount>;
  /** Groups whose files it may use. */
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

/** How long a unit waits for a node on another host, in seconds. */
const longestWait = 120;

const waitCommand = ({ node, port, addresses, required }: Wait): Expression =>
  commandLine(programPath("waitForPort", required ? "" : "-"), [String(longestWait), node, String(port), ...addresses]);

const sleepCommand = (seconds: number): Expression =>
  commandLine(interpolation(reference("pkgs", "coreutils"), "/bin/sleep"), [decimal(seconds)]);

/** What runs before a unit: it waits for what is elsewhere, then as long as the graph says. */
export const preparations = ({ waits, startupDelaySeconds }: UnitRequirements): ReadonlyArray<Expression> => [
  ...waits.map(waitCommand),
  ...(startupDelaySeconds === 0 ? [] : [sleepCommand(startupDelaySeconds)]),
];

/** How much longer than usual a unit may take to start, in seconds. */
export const preparationSeconds = ({ waits, startupDelaySeconds }: UnitRequirements): number =>
  waits.length * longestWait + Math.ceil(startupDelaySeconds);

const commandsBefore = (commands: ReadonlyArray<Expression>): ReadonlyArray<Binding> =>
  commands.length === 0 ? [] : [binding("ExecStartPre", list(commands))];

/** `name = [ values ];`, or nothing where there are none. */
export const stringsBinding = (name: string, values: ReadonlyArray<string>): ReadonlyArray<Binding> =>
  values.length === 0 ? [] : [binding(name, strings(values))];

/** Files that only root can read, by the names that the unit finds them under in its credentials folder. */
export const credentialBindings = (files: Readonly<Record<string, string>>): ReadonlyArray<Binding> =>
  stringsBinding(
    "LoadCredential",
    Object.entries(files).map(([name, file]) => `${name}:${specifiersEscaped(file)}`),
  );

/** systemd mounts these before the unit starts. Paths in this setting are separated by spaces (systemd.unit(5)). */
const mountBindings = (mounts: ReadonlyArray<Mount>): ReadonlyArray<Binding> =>
  mounts.length === 0
    ? []
    : [binding("unitConfig.RequiresMountsFor", strings(mounts.map(({ path }) => quotedPath(path))))];

/** Orders a unit after those it needs, after `also` too. */
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

/** The part of `serviceConfig` that carries a unit's limits and delay. */
export const serviceConfigBindings = (unit: UnitRequirements): ReadonlyArray<Binding> => [
  ...commandsBefore(preparations(unit)),
  ...limitBindings(unit.limits),
];

/** systemd's own `DefaultTimeoutStartSec`, in seconds. */
const usualStartSeconds = 90;

/** Time for what runs before a unit, besides the usual. */
export const startTimeoutBindings = (unit: UnitRequirements): ReadonlyArray<Binding> => {
  const before = preparationSeconds(unit);
  return before === 0 ? [] : [binding("TimeoutStartSec", integer(usualStartSeconds + before))];
};

/** What a unit that one of NixOS's own modules defines needs besides what the graph asks of it. */
export interface UnitAdditions {
  readonly settings?: ReadonlyArray<Binding>;
  /** What runs before it, once what it waits for is up. */
  readonly preparations?: ReadonlyArray<Expression>;
  readonly serviceConfig?: ReadonlyArray<Binding>;
}

/** What the graph asks of a unit that one of NixOS's own modules defines, and what else it needs. */
export const unitBindings = (
  name: string,
  unit: UnitRequirements,
  { settings = [], preparations: more = [], serviceConfig: others = [] }: UnitAdditions = {},
): ReadonlyArray<Binding> => {
  const extra = preparationSeconds(unit);
  const serviceConfig = [
    ...commandsBefore([...preparations(unit), ...more]),
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
