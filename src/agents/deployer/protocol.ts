import { Option, Schema } from "effect";
import type { DocumentOf } from "../../contract/views/mod.ts";
import { deployingSteps } from "../../domain/deployment/steps.ts";

/** The steps of a host, in order; each is reported before the next one is taken. */
export const steps = deployingSteps;
export type Step = (typeof steps)[number];

/** Returns whether the status of a host is a step of {@link steps}. */
export const isStep = (status: string): status is Step => steps.some((step) => step === status);

/** How far a host of a deployment has come. */
export type HostStatus = Pick<DocumentOf<"deployments">["hosts"][number], "id" | "status" | "closure" | "previous">;

const decodeReport = Schema.decodeUnknownOption(Schema.Struct({ host: Schema.String, step: Schema.String }));

/** Returns the host and step of a task's last report; undefined if the report is not one of a deployer. */
export const lastReport = ({ progress }: DocumentOf<"tasks">) => Option.getOrUndefined(decodeReport(progress?.data));
