import { Result, Schema } from "effect";
import type { Check, TargetHost } from "./operator.ts";

/** The steps of a host, in order; each is reported before the next one is taken. */
export const steps = ["recorded", "built", "copied", "activated", "healthy", "confirmed"] as const;
export type Step = (typeof steps)[number];

export const isStep = (status: string): status is Step => steps.some((step) => step === status);

const PositiveSeconds = Schema.Finite.check(Schema.isGreaterThan(0));

export const HostFields = {
  host: Schema.NonEmptyString,
  address: Schema.NonEmptyString,
  system: Schema.optionalKey(Schema.String),
  ssh: Schema.optionalKey(
    Schema.Struct({
      user: Schema.optionalKey(Schema.String),
      port: Schema.optionalKey(Schema.Int),
      identityFile: Schema.optionalKey(Schema.String),
    }),
  ),
};

export const CheckMessage = Schema.Struct({
  node: Schema.NonEmptyString,
  kind: Schema.Literals(["http", "tcp", "exec"]),
  port: Schema.optionalKey(Schema.Int),
  path: Schema.optionalKey(Schema.String),
  command: Schema.optionalKey(Schema.String),
  intervalSeconds: PositiveSeconds,
  timeoutSeconds: PositiveSeconds,
  retries: Schema.Int,
});

/** A host of a wave: how to reach it and how to see that it is well. */
export interface WaveHost extends TargetHost {
  readonly checks: ReadonlyArray<Check>;
}

/** The payload of a task `deploy`. */
export interface DeployRequest {
  readonly deployment: string;
  readonly target: string;
  readonly graph: string;
  readonly graphVersion: number;
  readonly flakeDigest: string;
  readonly waves: ReadonlyArray<ReadonlyArray<WaveHost>>;
}

/** The payload of a task `roll-back`; the hosts in the order in which they go back. */
export interface RollBackRequest {
  readonly deployment: string;
  readonly target: string;
  readonly hosts: ReadonlyArray<TargetHost & { readonly previous: string; readonly closure?: string }>;
}

/** Where a host of a deployment stands, from the view `deployments`. */
export interface HostStatus {
  readonly id: string;
  readonly status: string;
  readonly closure?: string;
  readonly previous?: string;
}

const DeployMessage = Schema.Struct({
  deployment: Schema.NonEmptyString,
  target: Schema.NonEmptyString,
  graph: Schema.NonEmptyString,
  graphVersion: Schema.Int,
  flakeDigest: Schema.NonEmptyString,
  waves: Schema.Array(Schema.Array(Schema.Struct({ ...HostFields, checks: Schema.Array(CheckMessage) }))),
});

const RollBackMessage = Schema.Struct({
  deployment: Schema.NonEmptyString,
  target: Schema.NonEmptyString,
  hosts: Schema.Array(
    Schema.Struct({ ...HostFields, previous: Schema.NonEmptyString, closure: Schema.optionalKey(Schema.String) }),
  ),
});

const FlakeMessage = Schema.Struct({ digest: Schema.String, files: Schema.Record(Schema.String, Schema.String) });

const DeploymentMessage = Schema.Struct({
  hosts: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      status: Schema.String,
      closure: Schema.optionalKey(Schema.String),
      previous: Schema.optionalKey(Schema.String),
    }),
  ),
});

const ProgressMessage = Schema.Struct({
  progress: Schema.Struct({ data: Schema.Struct({ host: Schema.String, step: Schema.String }) }),
});

/** Reads what fits a schema; throws an error that says what it should have been where it does not. */
export const reader = <T>(schema: Schema.Codec<T, unknown>, what: string) => {
  const decode = Schema.decodeUnknownResult(schema);
  return (value: unknown): T => {
    const decoded = decode(value);
    if (Result.isFailure(decoded)) throw new Error(`this is no ${what}: ${decoded.failure.message}`);
    return decoded.success;
  };
};

export const readDeployRequest: (value: unknown) => DeployRequest = reader(DeployMessage, "payload of a task deploy");
export const readRollBackRequest: (value: unknown) => RollBackRequest = reader(
  RollBackMessage,
  "payload of a task roll-back",
);
export const readFlake = reader(FlakeMessage, "flake of `graphs.flake`");
export const readDeployment: (value: unknown) => { readonly hosts: ReadonlyArray<HostStatus> } = reader(
  DeploymentMessage,
  "document of `deployments.get`",
);

/** The host and step of a task's last report, where it was one of a deployer's. */
export const lastReport = (task: unknown): { readonly host: string; readonly step: string } | undefined => {
  const decoded = Schema.decodeUnknownResult(ProgressMessage)(task);
  return Result.isSuccess(decoded) ? decoded.success.progress.data : undefined;
};
