import { Schema } from "effect";
import { bounds, Text as TextUpTo } from "../kernel/mod.ts";
import { isAddress } from "./addresses.ts";
import { isCronExpression } from "./cron.ts";

/**
 * Returns a schema with the meaning of its values, in one sentence with units. The JSON Schema contains it, and forms
 * show it. (It is attached to the schema's last check, which must be expressible in JSON Schema.)
 */
export const described = <S extends Schema.Top>(schema: S, description: string): S["Rebuild"] =>
  schema.annotate({ description });

/** Returns an optional field with its meaning, in one sentence with units. */
export const optional = <S extends Schema.Top>(schema: S, description: string): Schema.optionalKey<S["Rebuild"]> =>
  Schema.optionalKey(described(schema, description));

/**
 * Free text: anything that UTF-8 and Nix can store, so no NUL and no lone surrogates. It arrives unchanged in the
 * generated Nix.
 */
export const Text = TextUpTo(bounds.graphText).check(
  Schema.isPattern(/^[^\u0000\uD800-\uDFFF]*$/u, { expected: "text without NUL and lone surrogates" }),
);

/** Free text of at least one character. */
export const NonEmptyText = Text.check(Schema.isNonEmpty());

/** A device, or anything else that a host mounts. Not only white space. */
export const Device = Text.check(Schema.isPattern(/\S/u, { expected: 'a device such as "/dev/vda1"' }));

/** A file or folder on a host. */
export const AbsolutePath = Text.check(
  Schema.isPattern(/^\/[^\n\r]*$/u, { expected: 'an absolute path on the host, such as "/run/secrets/key"' }),
);

/** A file of `NAME=value` lines on a host. If it begins with `-`, it may be missing (systemd.exec(5)). */
export const EnvironmentFile = Text.check(
  Schema.isPattern(/^-?\/[^\n\r]*$/u, { expected: 'an absolute path on the host, such as "/run/secrets/web.env"' }),
);

/** A name of an environment variable (environ(7)). */
export const EnvironmentName = TextUpTo(bounds.name).check(
  Schema.isPattern(/^[^=\u0000\uD800-\uDFFF]+$/u, { expected: "a name of at least one character, without `=`" }),
);

/** A user of a host (useradd(8)). */
export const UserName = Schema.String.check(
  Schema.isPattern(/^[A-Za-z_][A-Za-z0-9_.-]{0,30}$/u, {
    expected: "a user name: at most 31 letters, digits, _, . and -, the first a letter or _",
  }),
);

/** A database in a server. Its name is inserted into SQL and shell scripts. */
export const DatabaseName = Schema.String.check(
  Schema.isPattern(/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/u, {
    expected: "a database name: at most 63 letters, digits, _ and -, the first a letter or _",
  }),
);

/** The URL that a NATS leaf node dials. A user or password in it would end up in the Nix store. */
export const LeafUrl = TextUpTo(bounds.path).check(
  Schema.isPattern(/^(?:nats|nats-leaf|tls|wss?):\/\/(?:\[[0-9A-Fa-f:.]+\]|[^\s:/@[\]]+)(?::[0-9]{1,5})?\/?$/u, {
    expected: 'a URL such as "nats-leaf://host:7422"; secrets belong into `credentialsFile`',
  }),
);

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

const addressExpected = "an IP address or DNS name";

/** An IP address or DNS name. It must not begin with `-`, because ssh would read it as an option. */
export const Address = Schema.String.check(
  Schema.makeFilter(isAddress, { expected: addressExpected }),
  Schema.isPattern(/^[A-Za-z0-9_:][A-Za-z0-9._:%-]{0,253}$/u, { expected: addressExpected }),
);

/** An amount of storage in binary units: `10Gi`, `1.5Ti`. */
export const Size = TextUpTo(bounds.name).check(
  Schema.isPattern(/^(?:0*[1-9][0-9]*(?:\.[0-9]+)?|0+\.[0-9]*[1-9][0-9]*)(?:Ki|Mi|Gi|Ti|Pi)$/u, {
    expected: 'a size above 0 such as "10Gi" or "1Ti"',
  }),
);

const cronExpected = 'a five-field cron expression such as "30 1 * * *"';

/** A five-field cron expression, such as `30 1 * * *`. The pattern is for readers of the JSON Schema. */
export const CronExpression = TextUpTo(bounds.path).check(
  Schema.makeFilter(isCronExpression, { expected: cronExpected }),
  Schema.isPattern(/^\s*\S+(?:\s+\S+){4}\s*$/u, { expected: cronExpected }),
);

/** More than any machine has, and within the limits of numbers in Nix and systemd. */
const Amount = Schema.Finite.check(
  Schema.isGreaterThan(0, { expected: "a number above 0" }),
  Schema.isLessThanOrEqualTo(1e9, { expected: "a number of at most 1000000000" }),
);

/** The resources that a node needs or a host has: cores, mebibytes of memory, gibibytes of disk. */
export const Resources = Schema.Struct({
  cpuCores: optional(Amount, "Processor cores; a fraction is a share of a core."),
  memoryMb: optional(Amount, "Memory, in mebibytes."),
  diskGb: optional(Amount, "Disk space, in gibibytes."),
});
export type Resources = typeof Resources.Type;

/** How a service's health is checked. If a check has no numbers, its reader chooses them. */
export const HealthCheck = Schema.Struct({
  kind: described(
    Schema.Literals(["http", "tcp", "exec"]),
    "How the service is checked: a request, a connection or a command.",
  ),
  path: optional(Text, "The path that an `http` check requests; `/` unless given."),
  command: optional(NonEmptyText, "The command that an `exec` check runs on the host."),
  intervalSeconds: optional(PositiveNumber, "The time between two checks, in seconds."),
  timeoutSeconds: optional(PositiveNumber, "The time that one check may take, in seconds."),
  retries: optional(Count, "How often a failed check is repeated before the service counts as unwell."),
});
export type HealthCheck = typeof HealthCheck.Type;

/** A token bucket. */
export const RateLimit = Schema.Struct({
  requestsPerSecond: described(PositiveNumber, "The lasting rate, in requests per second."),
  burstSize: described(PositiveInteger, "The number of requests that may come at once."),
});
export type RateLimit = typeof RateLimit.Type;
