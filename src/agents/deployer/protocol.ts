import { Result, Schema } from "effect";
import { Flake } from "../../contract/hosts.ts";
import { deployingSteps } from "../../domain/deployment/steps.ts";
import { reader } from "../kit/json.ts";

/** The steps of a host, in order; each is reported before the next one is taken. */
export const steps = deployingSteps;
export type Step = (typeof steps)[number];

/** Returns whether the status of a host is a step of {@link steps}. */
export const isStep = (status: string): status is Step => steps.some((step) => step === status);

const HostStatus = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  closure: Schema.optionalKey(Schema.String),
  previous: Schema.optionalKey(Schema.String),
});

/** How far a host of a deployment has come, from the view `deployments`. */
export type HostStatus = typeof HostStatus.Type;

const ProgressMessage = Schema.Struct({
  progress: Schema.Struct({ data: Schema.Struct({ host: Schema.String, step: Schema.String }) }),
});

/** Reads the answer of `graphs.flake`. */
export const readFlake = reader(Flake, "a flake of `graphs.flake`");

/** Reads the hosts of the answer of `deployments.get`. */
export const readDeployment = reader(
  Schema.Struct({ hosts: Schema.Array(HostStatus) }),
  "a document of `deployments.get`",
);

/** Returns the host and step of a task's last report; undefined if the report is not one of a deployer. */
export const lastReport = (task: unknown): { readonly host: string; readonly step: string } | undefined => {
  const decoded = Schema.decodeUnknownResult(ProgressMessage)(task);
  return Result.isSuccess(decoded) ? decoded.success.progress.data : undefined;
};
