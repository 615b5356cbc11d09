import { deployment } from "../../../domain/deployment/decider.ts";
import type { HostStep } from "../../../domain/deployment/steps.ts";
import type { Action } from "../../action.ts";
import { give } from "../actions.ts";

/** Where a deployment went wrong, as far as the agent said it. */
export type FailurePlace = Partial<Pick<HostStep, "host" | "step" | "log">>;

/** Ends a deployment, and puts its hosts back where there is something to put back. */
export const fail = (id: string, reason: string, detail?: string, where: FailurePlace = {}): Action =>
  give(deployment, id, { type: "fail", payload: { reason, ...(detail === undefined ? {} : { detail }), ...where } });
