import { Schema } from "effect";
import { isCronExpression } from "./cron.ts";

/**
 * Free text: anything that UTF-8 and Nix can hold, so no NUL and no lone surrogates. It survives into the generated
 * Nix exactly.
 */
export const Text = Schema.String.check(
  Schema.isPattern(/^[^\u0000\uD800-\uDFFF]*$/u, { expected: "text without NUL and lone surrogates" }),
);

/** Free text of at least one character. */
export const NonEmptyText = Text.check(Schema.isNonEmpty());

/** A TCP or UDP port. */
export const Port = Schema.Int.check(
  Schema.isBetween({ minimum: 1, maximum: 65535 }, { expected: "a port from 1 to 65535" }),
);

/** A finite number above zero, in the unit that its field's name ends with. */
export const PositiveNumber = Schema.Finite.check(Schema.isGreaterThan(0, { expected: "a number above 0" }));

/** An integer above zero. */
export const PositiveInteger = Schema.Int.check(Schema.isGreaterThan(0, { expected: "an integer above 0" }));

/** An integer of zero or more. */
export const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0, { expected: "an integer of 0 or more" }));

/** An IP address or DNS name. It may not begin with `-`, which ssh would read as an option. */
export const Address = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9_:][A-Za-z0-9._:%-]{0,253}$/u, { expected: "an IP address or DNS name" }),
);

/** An amount of storage in binary units: `10Gi`, `1.5Ti`. */
export const Size = Schema.String.check(
  Schema.isPattern(/^(?:0*[1-9][0-9]*(?:\.[0-9]+)?|0+\.[0-9]*[1-9][0-9]*)(?:Ki|Mi|Gi|Ti|Pi)$/u, {
    expected: 'a size above 0 such as "10Gi" or "1Ti"',
  }),
);

const cronExpected = 'a five-field cron expression such as "30 1 * * *"';

/** A five-field cron expression, such as `30 1 * * *`. The pattern is for readers of the JSON Schema. */
export const CronExpression = Schema.String.check(
  Schema.isPattern(/^\s*\S+(?:\s+\S+){4}\s*$/u, { expected: cronExpected }),
  Schema.makeFilter(isCronExpression, { expected: cronExpected }),
);

/** What a node needs, or what a host has: cores, mebibytes of memory, gibibytes of disk. */
export const Resources = Schema.Struct({
  cpuCores: Schema.optionalKey(PositiveNumber),
  memoryMb: Schema.optionalKey(PositiveNumber),
  diskGb: Schema.optionalKey(PositiveNumber),
});
export type Resources = typeof Resources.Type;

/** How to see that a service is well. Without its own numbers a check runs as its reader decides. */
export const HealthCheck = Schema.Struct({
  kind: Schema.Literals(["http", "tcp", "exec"]),
  path: Schema.optionalKey(Text),
  command: Schema.optionalKey(NonEmptyText),
  intervalSeconds: Schema.optionalKey(PositiveNumber),
  timeoutSeconds: Schema.optionalKey(PositiveNumber),
  retries: Schema.optionalKey(Count),
});
export type HealthCheck = typeof HealthCheck.Type;

/** A token bucket. */
export const RateLimit = Schema.Struct({ requestsPerSecond: PositiveNumber, burstSize: PositiveInteger });
export type RateLimit = typeof RateLimit.Type;
