import { attributes, type Binding, binding, merge, string } from "../language/expression.ts";
import { decimal, specifiersEscaped } from "../unit/command-line.ts";
import { health, type Readiness, readinessCommand } from "../unit/health.ts";
import { unitName } from "../unit/names.ts";
import { environmentBindings, identityBindings, programUnit } from "../unit/program-unit.ts";
import { stringsBinding } from "../unit/systemd.ts";
import { healthUnitName, type ServiceSpecification } from "./specification.ts";

/**
 * Returns the unit of a service. If the service has a health check, there is also a unit that runs it, and a timer.
 * While the service runs, the timer starts this unit as often as the graph says. If the check fails, the unit shows as
 * failed.
 */
export const serviceOptions = (service: ServiceSpecification): ReadonlyArray<Binding> => [
  programUnit(service),
  ...(service.readiness === undefined
    ? []
    : [checkUnit(service, service.readiness), timer(service.id, service.readiness.intervalSeconds)]),
];

const checkUnit = (service: ServiceSpecification, readiness: Readiness): Binding => {
  // A check with the user's own command may need the environment of the program.
  const isCommand = readiness.check.kind === "exec";
  const settings = attributes([
    binding("ExecStart", readinessCommand(readiness)),
    ...identityBindings(service),
    ...stringsBinding("EnvironmentFile", isCommand ? service.environmentFiles.map(specifiersEscaped) : []),
  ]);
  const check = health(service.user === "root" ? "rootCheck" : "check", string(unitName(service.id)), settings);
  const environment = isCommand ? environmentBindings(service) : [];
  return binding(
    ["systemd", "services", healthUnitName(service.id)],
    environment.length === 0 ? check : merge(check, attributes(environment)),
  );
};

const timer = (id: string, intervalSeconds: number): Binding =>
  binding(
    ["systemd", "timers", healthUnitName(id)],
    health("timer", string(unitName(id)), string(`${decimal(Math.max(intervalSeconds, 0.1))}s`)),
  );
