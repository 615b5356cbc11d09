import { Result, Schema } from "effect";
import { Execution } from "../../domain/deployment/contract.ts";
import { deployingSteps } from "../../domain/deployment/steps.ts";
import { HostPlan, Waves } from "../../domain/deployment/waves.ts";
import { Closure } from "../../domain/host/desired.ts";
import { reader } from "../kit/reader.ts";
import type { Activation, Check, TargetHost } from "./operator.ts";

/** The steps of a host, in order; each is reported before the next one is taken. */
export const steps = deployingSteps;
export type Step = (typeof steps)[number];

export const isStep = (status: string): status is Step => steps.some((step) => step === status);

/** What every message says of a host. */
export const { host, address, ssh } = HostPlan.fields;

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
  /** `switch` where it is absent. */
  readonly activation?: Activation;
  /** Hosts that are worked on at once; the deployer's own choice where it is absent. */
  readonly maxParallel?: number;
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
  waves: Waves,
  activation: Execution.fields.activation,
  maxParallel: Execution.fields.maxParallel,
});

const RollBackMessage = Schema.Struct({
  deployment: Schema.NonEmptyString,
  target: Schema.NonEmptyString,
  hosts: Schema.Array(Schema.Struct({ host, address, ssh, previous: Closure, closure: Schema.optionalKey(Closure) })),
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
