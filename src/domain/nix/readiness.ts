import type { HealthCheck } from "../graph/values.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  integer,
  interpolation,
  list,
  reference,
  string,
} from "./expression.ts";
import { commandLine, type Word } from "./systemd.ts";

/** The service counts as started once this check passes; its start fails after `retries` more attempts. */
export interface Readiness {
  readonly check:
    | { readonly kind: "http"; readonly url: string }
    | { readonly kind: "tcp"; readonly port: number }
    | { readonly kind: "exec"; readonly command: string };
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly retries: number;
}

/** How a service is waited for where its health check does not say, as the deployment's own checks do. */
const readinessDefaults = { intervalSeconds: 2, timeoutSeconds: 5, retries: 10 };

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

/** The longest time that a service's start may take. */
const longestStartSeconds = 7 * 24 * 3600;

const startSeconds = ({ retries, intervalSeconds, timeoutSeconds }: Readiness): number =>
  Math.ceil((retries + 1) * (intervalSeconds + timeoutSeconds)) + 30;

/** Why a service cannot be waited for by its health check. */
export const readinessProblems = (healthCheck: HealthCheck, port: number | undefined): ReadonlyArray<string> => {
  const readiness = readinessOf(healthCheck, port);
  if (readiness === undefined)
    return [
      `its ${healthCheck.kind} health check needs ${healthCheck.kind === "exec" ? "a `command`" : "the service's `port`"}; add it`,
    ];
  return startSeconds(readiness) <= longestStartSeconds
    ? []
    : ["its health check may take longer than a week; lower its retries, interval or timeout"];
};

/** The name under which the host's module defines {@link waitUntil}. */
export const waitUntilName = "waitUntil";

/** A program that runs a command until it succeeds: `wait-until RETRIES INTERVAL TIMEOUT COMMAND…`. */
export const waitUntil: Binding = binding(
  [waitUntilName],
  apply(
    reference("pkgs", "writeShellApplication"),
    attributes([
      binding("name", string("wait-until")),
      binding("runtimeInputs", list([reference("pkgs", "coreutils")])),
      binding(
        "text",
        string(
          [
            "retries=$1 interval=$2 timeout=$3",
            "shift 3",
            'until timeout "$timeout" "$@"; do',
            '  if [ "$retries" -eq 0 ]; then exit 1; fi',
            "  retries=$((retries - 1))",
            '  sleep "$interval"',
            "done",
            "",
          ].join("\n"),
        ),
      ),
    ]),
  ),
);

const shell: Word = interpolation(reference("pkgs", "runtimeShell"));

const checkWords = ({ check }: Readiness): ReadonlyArray<Word> => {
  switch (check.kind) {
    case "http":
      return [
        interpolation(reference("pkgs", "curl"), "/bin/curl"),
        ...["--fail", "--silent", "--show-error", "--globoff", "--output", "/dev/null", check.url],
      ];
    case "tcp":
      return [shell, "-c", `exec 3<>/dev/tcp/127.0.0.1/${check.port}`];
    case "exec":
      return [shell, "-c", check.command];
  }
};

/** Waits for the health check after the start, so that units ordered after this one find it up. */
export const readinessBindings = (readiness: Readiness): ReadonlyArray<Binding> => {
  const { retries, intervalSeconds, timeoutSeconds } = readiness;
  const timing = [retries, intervalSeconds, timeoutSeconds].map(String);
  return [
    binding(
      "ExecStartPost",
      list([
        commandLine(interpolation(reference(waitUntilName), "/bin/wait-until"), [...timing, ...checkWords(readiness)]),
      ]),
    ),
    binding("TimeoutStartSec", integer(startSeconds(readiness))),
  ];
};
