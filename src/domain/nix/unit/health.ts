import { attributes, type Binding, binding, merge, string, strings } from "../language/expression.ts";
import { decimal, specifiersEscaped } from "./command-line.ts";
import { hardening } from "./hardening.ts";
import { environmentBindings, identityBindings, type ProgramUnit } from "./program-unit.ts";
import { type Readiness, readinessCommand } from "./readiness.ts";
import { stringsBinding } from "./systemd.ts";
import { unitName } from "./unit-names.ts";

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

/** A check of the user's own may need the environment of the program. */
const isCommand = ({ check }: Readiness): boolean => check.kind === "exec";

const checkUnit = (program: ProgramUnit, readiness: Readiness): Binding => {
  const settings = attributes([
    binding("Type", string("oneshot")),
    binding("ExecStart", readinessCommand(readiness)),
    ...identityBindings(program),
    ...stringsBinding("EnvironmentFile", isCommand(readiness) ? program.environmentFiles.map(specifiersEscaped) : []),
  ]);
  return binding(
    ["systemd", "services", healthUnit(program.id)],
    attributes([
      binding("description", string(`Health of ${program.id}`)),
      binding("after", strings([`${unitName(program.id)}.service`])),
      ...(isCommand(readiness) ? environmentBindings(program) : []),
      binding("serviceConfig", program.user === "root" ? settings : merge(hardening, settings)),
    ]),
  );
};

const timer = (id: string, intervalSeconds: number): Binding => {
  const every = `${decimal(Math.max(intervalSeconds, 0.1))}s`;
  const watched = [`${unitName(id)}.service`];
  return binding(
    ["systemd", "timers", healthUnit(id)],
    attributes([
      binding("description", string(`Looks after the health of ${id}`)),
      binding("wantedBy", strings(watched)),
      binding("partOf", strings(watched)),
      binding("after", strings(watched)),
      binding(
        "timerConfig",
        attributes([
          binding("OnActiveSec", string(every)),
          binding("OnUnitInactiveSec", string(every)),
          binding("AccuracySec", string("1s")),
        ]),
      ),
    ]),
  );
};
