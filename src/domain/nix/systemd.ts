import type { Resources } from "../graph/values.ts";
import {
  attributes,
  type Binding,
  binding,
  type Expression,
  interpolation,
  list,
  reference,
  string,
  strings,
} from "./expression.ts";

export interface Dependency {
  readonly unit: string;
  /** It does not start without the other; otherwise it is only wished for. */
  readonly required: boolean;
  /** It starts when the other is up. */
  readonly ordered: boolean;
}

/** What the graph asks of a unit, whatever it runs. */
export interface UnitRequirements {
  /** The units of the same host that it depends on. */
  readonly dependencies: ReadonlyArray<Dependency>;
  /** How long it waits after they are up. */
  readonly startupDelaySeconds: number;
  readonly limits: Resources;
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "%": "%%",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Text inside double quotes of a unit file (systemd.syntax(7)) with its specifiers escaped (systemd.unit(5)). */
const quoted = (text: string): string =>
  text.replaceAll(
    /[\\"%\u0001-\u001f\u007f]/g,
    (found) => escapes[found] ?? `\\x${found.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );

const word = (text: string): string => (/^[A-Za-z0-9_@+=:,./-]+$/.test(text) ? text : `"${quoted(text)}"`);

/** A word of a command line: text that is passed on exactly, or an expression for a path in the store. */
export type Word = string | Expression;

/**
 * A command line of systemd.service(5): quoted, and with its specifiers (`%`) and variables (`$`) escaped, so that the
 * program gets exactly these words. The first word, the program, is no place for variables.
 */
export const commandLine = (program: Word, args: ReadonlyArray<Word>): Expression => {
  const words = [
    typeof program === "string" ? word(program) : program,
    ...args.map((arg) => (typeof arg === "string" ? word(arg).replaceAll("$", "$$$$") : arg)),
  ];
  const parts = words.flatMap((part, index) => {
    const separated = index === 0 ? [part] : [" ", part];
    return separated.flatMap((item) =>
      typeof item !== "string" && item.kind === "interpolation" ? item.parts : [item],
    );
  });
  return parts.every((part) => typeof part === "string") ? string(parts.join("")) : interpolation(...parts);
};

/** A value that systemd reads as it is but for its specifiers: paths, assignments of variables. */
export const specifiersEscaped = (text: string): string => text.replaceAll("%", "%%");

const limitBindings = ({ cpuCores, memoryMb }: Resources): ReadonlyArray<Binding> => [
  ...(cpuCores === undefined
    ? []
    : [binding("CPUQuota", string(`${Math.max(1, Math.round(cpuCores * 10_000)) / 100}%`))]),
  ...(memoryMb === undefined
    ? []
    : [binding("MemoryMax", string(Number.isInteger(memoryMb) ? `${memoryMb}M` : `${Math.ceil(memoryMb * 1024)}K`))]),
];

const delayBindings = (seconds: number): ReadonlyArray<Binding> =>
  seconds === 0
    ? []
    : [
        binding(
          "ExecStartPre",
          list([commandLine(interpolation(reference("pkgs", "coreutils"), "/bin/sleep"), [String(seconds)])]),
        ),
      ];

/** `name = [ values ];`, or nothing where there are none. */
const stringsBinding = (name: string, values: ReadonlyArray<string>): ReadonlyArray<Binding> =>
  values.length === 0 ? [] : [binding(name, strings(values))];

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
  ];
};

/** The part of `serviceConfig` that carries a unit's limits and delay. */
export const serviceConfigBindings = (unit: UnitRequirements): ReadonlyArray<Binding> => [
  ...delayBindings(unit.startupDelaySeconds),
  ...limitBindings(unit.limits),
];

/** What the graph asks of a unit that one of NixOS's own modules defines. */
export const unitBindings = (name: string, unit: UnitRequirements): ReadonlyArray<Binding> => {
  const serviceConfig = serviceConfigBindings(unit);
  const bindings = [
    ...orderingBindings(unit),
    ...(serviceConfig.length === 0 ? [] : [binding("serviceConfig", attributes(serviceConfig))]),
  ];
  return bindings.length === 0 ? [] : [binding(["systemd", "services", name], attributes(bindings))];
};
