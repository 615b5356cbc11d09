import type { HealthCheck } from "../../graph/values.ts";
import {
  apply,
  attributes,
  binding,
  type Expression,
  fn,
  inherited,
  interpolation,
  lambda,
  letIn,
  list,
  merge,
  path,
  reference,
  string,
} from "../language/expression.ts";
import { argument, commandLine, decimal, type Word } from "./command-line.ts";
import { hardening } from "./hardening.ts";
import { programPath, programsName } from "./programs.ts";

/**
 * The check of a service. The service counts as started when the check passes. If `retries` more attempts fail too, the
 * start fails.
 */
export interface Readiness {
  readonly check:
    | { readonly kind: "http"; readonly url: string }
    | { readonly kind: "tcp"; readonly port: number }
    | { readonly kind: "exec"; readonly command: string };
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly retries: number;
}

/** The times for a health check that leaves them out. The deployment's own checks use the same times. */
const readinessDefaults = { intervalSeconds: 2, timeoutSeconds: 5, retries: 10 };

/**
 * Returns the check of a service's program on its host; undefined if the health check lacks the command or the port.
 */
export const readinessOf = (
  { kind, path = "/", command, ...timing }: HealthCheck,
  port: number | undefined,
): Readiness | undefined => {
  const times = { ...readinessDefaults, ...timing };
  if (kind === "exec") return command === undefined ? undefined : { check: { kind, command }, ...times };
  if (port === undefined) return undefined;
  if (kind === "tcp") return { check: { kind, port }, ...times };
  return { check: { kind, url: `http://127.0.0.1:${port}${path.startsWith("/") ? "" : "/"}${path}` }, ...times };
};

/** Returns the longest time, in seconds, until the check of a starting service has passed or failed. */
export const startSeconds = ({ retries, intervalSeconds, timeoutSeconds }: Readiness): number =>
  Math.min(longestStartSeconds, Math.ceil((retries + 1) * (intervalSeconds + timeoutSeconds)) + 30);

/** A hundred years: in practice no limit, and still a number that Nix and systemd can hold. */
const longestStartSeconds = 100 * 365 * 86_400;

/** Returns the command that runs the check until it passes: once, and then at most `retries` times more. */
export const readinessCommand = ({ check, retries, intervalSeconds, timeoutSeconds }: Readiness): Expression => {
  const attempts = string([retries, intervalSeconds, timeoutSeconds].map(decimal).join(" "));
  switch (check.kind) {
    case "http":
      return health("http", attempts, string(argument(check.url)));
    case "tcp":
      return health("tcp", attempts, string(String(check.port)));
    case "exec":
      return health("exec", attempts, string(argument(check.command)));
  }
};

/** The file of the flake with the functions that make the health checks of nodes. */
export const healthFile = "modules/health.nix";

/** The name that host modules use for these functions. */
export const healthName = "health";

const curried = (parameters: ReadonlyArray<string>, body: Expression): Expression =>
  parameters.reduceRight((inner, parameter) => fn(parameter, inner), body);

const parameter = (name: string): Expression => interpolation(reference(name));

/** Returns a command that runs a check until it passes. */
const untilPassed = (...check: ReadonlyArray<Word>): Expression =>
  commandLine(programPath("waitUntil"), [parameter("attempts"), ...check]);

const shell: Word = interpolation(reference("pkgs", "runtimeShell"));

const watched: Expression = list([interpolation(reference("unit"), ".service")]);

const oneshot: Expression = attributes([binding("Type", string("oneshot"))]);

const checkUnit = (serviceConfig: Expression): Expression =>
  curried(
    ["unit", "settings"],
    attributes([
      binding("description", interpolation("Health of ", reference("unit"))),
      binding("after", watched),
      binding("serviceConfig", merge(serviceConfig, reference("settings"))),
    ]),
  );

const functions = {
  http: {
    comment:
      "What waits until a node is well; attempts: how many after the first, seconds between two, seconds for each",
    value: curried(
      ["attempts", "url"],
      untilPassed(
        interpolation(reference("pkgs", "curl"), "/bin/curl"),
        "--fail",
        "--silent",
        "--show-error",
        "--globoff",
        "--output",
        "/dev/null",
        parameter("url"),
      ),
    ),
  },
  tcp: {
    value: curried(
      ["attempts", "port"],
      untilPassed(shell, "-c", interpolation('"exec 3<>/dev/tcp/127.0.0.1/', reference("port"), '"')),
    ),
  },
  exec: { value: curried(["attempts", "command"], untilPassed(shell, "-c", parameter("command"))) },
  check: {
    comment: "A service that checks the health of a unit; settings: its command, and who runs it",
    value: checkUnit(merge(hardening, oneshot)),
  },
  rootCheck: {
    comment: "The same for a unit of root, which is not fenced in",
    value: checkUnit(oneshot),
  },
  timer: {
    comment: "What starts it again and again while the unit runs",
    value: curried(
      ["unit", "interval"],
      attributes([
        binding("description", interpolation("Looks after the health of ", reference("unit"))),
        ...["wantedBy", "partOf", "after"].map((option) => binding(option, watched)),
        binding(
          "timerConfig",
          attributes([
            binding("OnActiveSec", reference("interval")),
            binding("OnUnitInactiveSec", reference("interval")),
            binding("AccuracySec", string("1s")),
          ]),
        ),
      ]),
    ),
  },
} satisfies Readonly<Record<string, { readonly comment?: string; readonly value: Expression }>>;

/** The content of {@link healthFile}. The functions take the names of units without `.service`. */
export const healthExpression: Expression = lambda(
  ["pkgs"],
  letIn(
    [
      binding("hardening", apply(reference("import"), path("./hardening.nix"))),
      binding(programsName, apply(reference("import"), path("./programs.nix"), attributes([inherited(["pkgs"])]))),
    ],
    attributes(Object.entries(functions).map(([name, { value, ...above }]) => ({ ...binding(name, value), ...above }))),
  ),
);

/** Returns a call of one of these functions, for the module of a host. */
export const health = (name: keyof typeof functions, ...operands: ReadonlyArray<Expression>): Expression =>
  apply(reference(healthName, name), ...operands);
