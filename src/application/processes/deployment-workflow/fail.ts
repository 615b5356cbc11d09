import { deployment } from "../../../domain/deployment/decider.ts";
import type { Action } from "../../process-manager.ts";
import { give } from "../give.ts";

/** Ends a deployment, and puts its hosts back where there is something to put back. */
export const fail = (id: string, reason: string, detail?: string): Action =>
  give(deployment, id, { type: "fail", payload: { reason, ...(detail === undefined ? {} : { detail }) } });
