import { attributes, type Binding, binding, merge, string } from "../language/expression.ts";
import { decimal, specifiersEscaped } from "../unit/command-line.ts";
import { health } from "../unit/health-functions.ts";
import { unitName } from "../unit/names.ts";
import { environmentBindings, identityBindings, type ProgramUnit } from "../unit/program-unit.ts";
import { type Readiness, readinessCommand } from "../unit/readiness.ts";
import { stringsBinding } from "../unit/systemd.ts";

const healthUnit = (id: string): string => `cim-health-${id}`;

/** The units that look after a node's health on its host. */
export const healthUnits = (id: string): ReadonlyArray<string> => [
  `${healthUnit(id)}.service`,
  `${healthUnit(id)}.timer`,
];

/**
 * A unit that runs the node's health check, and a timer that starts it as often as the graph says while the node runs:
 * a node that is not well shows as a failed unit. Nothing for a node without a check.
 */
export const healthOptions = (program: ProgramUnit): ReadonlyArray<Binding> =>
  program.readiness === undefined
    ? []
    : [checkUnit(program, program.readiness), timer(program.id, program.readiness.intervalSeconds)];

const checkUnit = (program: ProgramUnit, readiness: Readiness): Binding => {
  // A check of the user's own may need the environment of the program.
  const isCommand = readiness.check.kind === "exec";
  const settings = attributes([
    binding("ExecStart", readinessCommand(readiness)),
    ...identityBindings(program),
    ...stringsBinding("EnvironmentFile", isCommand ? program.environmentFiles.map(specifiersEscaped) : []),
  ]);
  const check = health(program.user === "root" ? "rootCheck" : "check", string(unitName(program.id)), settings);
  const environment = isCommand ? environmentBindings(program) : [];
  return binding(
    ["systemd", "services", healthUnit(program.id)],
    environment.length === 0 ? check : merge(check, attributes(environment)),
  );
};

const timer = (id: string, intervalSeconds: number): Binding =>
  binding(
    ["systemd", "timers", healthUnit(id)],
    health("timer", string(unitName(id)), string(`${decimal(Math.max(intervalSeconds, 0.1))}s`)),
  );
