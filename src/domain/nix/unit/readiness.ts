import type { HealthCheck } from "../../graph/values.ts";
import { type Expression, string } from "../language/expression.ts";
import { argument, decimal } from "./command-line.ts";
import { health } from "./health-functions.ts";

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

/** How long a service's start may take until its check has passed or failed, in seconds. */
export const startSeconds = ({ retries, intervalSeconds, timeoutSeconds }: Readiness): number =>
  Math.min(longestStartSeconds, Math.ceil((retries + 1) * (intervalSeconds + timeoutSeconds)) + 30);

/** A hundred years: as good as none, and a number that Nix and systemd can hold. */
const longestStartSeconds = 100 * 365 * 86_400;

/** Runs the check until it passes, at most `retries` more times than once. */
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
