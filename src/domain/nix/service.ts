import { Result } from "effect";
import type { ServiceNode } from "../graph/node.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  integer,
  interpolation,
  list,
  reference,
  string,
  strings,
} from "./expression.ts";
import type { NodeKind } from "./node-kind.ts";
import { type Readiness, readinessBindings, readinessOf, readinessProblems } from "./readiness.ts";
import {
  commandLine,
  orderingBindings,
  serviceConfigBindings,
  specifiersEscaped,
  type UnitRequirements,
  type Word,
} from "./systemd.ts";

/** What a host runs for a service. */
export interface ServiceSpecification {
  readonly type: "service";
  readonly id: string;
  readonly unit: UnitRequirements;
  /** An absolute path, or a name: of a program in `package`, else in the system's profile. */
  readonly program: string;
  readonly args: ReadonlyArray<string>;
  /** Attribute path of a package in nixpkgs. */
  readonly package?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly environmentFiles: ReadonlyArray<string>;
  /** An existing or new system user; without one systemd makes up a user while the service runs. */
  readonly user?: string;
  /** Open to everyone. */
  readonly publicPort?: number;
  readonly bindsPrivilegedPort: boolean;
  readonly readiness?: Readiness;
}

const isProgram = (command: string): boolean => command.startsWith("/") || /^[A-Za-z0-9_.][\w.+-]*$/.test(command);

/** systemd drops values with other control characters than tab and newline. */
const isEnvironmentValue = (value: string): boolean => !/[\u0001-\u0008\u000b-\u001f\u007f]/.test(value);

const problemsOf = (node: ServiceNode): ReadonlyArray<string> => {
  const { healthCheck } = node;
  return [
    ...(isProgram(node.command)
      ? []
      : [
          `its command "${node.command}" is neither an absolute path nor the name of a program; write arguments in \`args\``,
        ]),
    ...Object.entries(node.environment ?? {}).flatMap(([name, value]) =>
      !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
        ? [`"${name}" is no name for an environment variable; use letters, digits and _`]
        : isEnvironmentValue(value)
          ? []
          : [
              `its variable ${name} has a control character that systemd does not take; put it into a file of \`environmentFiles\``,
            ],
    ),
    ...(node.environmentFiles ?? [])
      .filter((file) => !/^-?\/[^\n\r]*$/.test(file))
      .map((file) => `its environment file "${file}" is not an absolute path on the host; write one`),
    ...(node.package === undefined || /^[A-Za-z_][\w'-]*(?:\.[A-Za-z0-9_][\w'-]*)*$/.test(node.package)
      ? []
      : [
          `its package "${node.package}" is no attribute of nixpkgs; write one such as "hello" or "python3Packages.black"`,
        ]),
    ...(node.user === undefined || /^[a-z_][a-z0-9_-]{0,30}$/.test(node.user)
      ? []
      : [`its user "${node.user}" is no user name; use at most 31 of a-z 0-9 _ -`]),
    ...(node.public === true && node.port === undefined ? ["it is public, but has no `port`; add it"] : []),
    ...(healthCheck === undefined ? [] : readinessProblems(healthCheck, node.port)),
  ];
};

/** Services become systemd services of the same name. */
export const service: NodeKind<ServiceNode, ServiceSpecification> = {
  unit: ({ id }) => `${id}.service`,
  units: ({ id }) => [`${id}.service`],
  specify: (node, { unit }) => {
    const problems = problemsOf(node);
    if (problems.length > 0) return Result.fail(problems);
    const readiness = node.healthCheck === undefined ? undefined : readinessOf(node.healthCheck, node.port);
    return Result.succeed({
      type: "service",
      id: node.id,
      unit,
      program: node.command,
      args: node.args ?? [],
      environment: node.environment ?? {},
      environmentFiles: node.environmentFiles ?? [],
      bindsPrivilegedPort: node.port !== undefined && node.port < 1024,
      ...(node.package === undefined ? {} : { package: node.package }),
      ...(node.user === undefined ? {} : { user: node.user }),
      ...(node.public === true && node.port !== undefined ? { publicPort: node.port } : {}),
      ...(readiness === undefined ? {} : { readiness }),
    });
  },
  options: (specification) => [
    binding(["systemd", "services", specification.id], attributes(serviceOptions(specification))),
  ],
};

const network = "network-online.target";

const serviceOptions = (specification: ServiceSpecification): ReadonlyArray<Binding> => {
  const { id, unit, environment, environmentFiles, user, readiness } = specification;
  const nixpkgs = specification.package === undefined ? undefined : packageReference(specification.package);
  const variables = Object.keys(environment).sort();
  return [
    binding("description", string(`${id}, a service of the deployment graph`)),
    binding("wantedBy", strings(["multi-user.target"])),
    ...orderingBindings(unit, [network]),
    ...(nixpkgs === undefined ? [] : [binding("path", list([nixpkgs]))]),
    ...(variables.length === 0
      ? []
      : [binding("environment", attributes(variables.map((name) => variable(name, environment[name] ?? ""))))]),
    binding(
      "serviceConfig",
      attributes([
        ...serviceConfigBindings(unit),
        // Unlike the default, the start fails where there is no such program.
        binding("Type", string("exec")),
        binding("ExecStart", commandLine(programWord(specification.program, nixpkgs), specification.args)),
        ...(readiness === undefined ? [] : readinessBindings(readiness)),
        binding("Restart", string("always")),
        // Slower than systemd's limit of five starts in ten seconds, so that it never gives up.
        binding("RestartSec", integer(5)),
        user === undefined ? binding("DynamicUser", boolean(true)) : binding("User", string(user)),
        binding("StateDirectory", string(id)),
        ...(specification.bindsPrivilegedPort
          ? [binding("AmbientCapabilities", strings(["CAP_NET_BIND_SERVICE"]))]
          : []),
        ...(environmentFiles.length === 0
          ? []
          : [binding("EnvironmentFile", strings(environmentFiles.map(specifiersEscaped)))]),
      ]),
    ),
  ];
};

const packageReference = (name: string): Expression => reference("pkgs", ...name.split("."));

const programWord = (program: string, nixpkgs: Expression | undefined): Word =>
  program.startsWith("/")
    ? program
    : nixpkgs === undefined
      ? `/run/current-system/sw/bin/${program}`
      : interpolation(nixpkgs, "/bin/", program);

/** NixOS sets PATH itself, so a service's own has to take precedence. */
const variable = (name: string, value: string): Binding => {
  const text = string(specifiersEscaped(value));
  return binding([name], name === "PATH" ? apply(reference("lib", "mkForce"), text) : text);
};
