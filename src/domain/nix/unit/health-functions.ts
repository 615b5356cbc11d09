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
import { commandLine, type Word } from "./command-line.ts";
import { hardening } from "./hardening.ts";
import { programPath, programsName } from "./programs.ts";

/** The file of the flake with the functions that make the health checks of nodes. */
export const healthFile = "modules/health.nix";

/** The name under which host modules know these functions. */
export const healthName = "health";

const curried = (parameters: ReadonlyArray<string>, body: Expression): Expression =>
  parameters.reduceRight((inner, parameter) => fn(parameter, inner), body);

const parameter = (name: string): Expression => interpolation(reference(name));

/** Runs a check until it passes. */
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

/** A call of one of these functions, for the module of a host. */
export const health = (name: keyof typeof functions, ...operands: ReadonlyArray<Expression>): Expression =>
  apply(reference(healthName, name), ...operands);
