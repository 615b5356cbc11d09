/**
 * The names under which the backend itself gives commands. Nobody outside may speak as one of them. `cim` is the
 * installation, which owns the reference agents.
 */
export const ownPrincipals = [
  "cim",
  "authority",
  "deployment-workflow",
  "task-assignment",
  "task-delegation",
  "proposal-deadlines",
  "rule-votes",
  "deliveries",
  "host-watching",
  "host-operations",
  "system-knowledge",
  "knowledge-votes",
  "knowledge-epochs",
  "timers",
  "presence",
] as const;
export type OwnPrincipal = (typeof ownPrincipals)[number];

const own: ReadonlySet<string> = new Set(ownPrincipals);

/** Whether a principal is a part of the backend: what it opened, submitted or requested belongs to a course of its own. */
export const isOwnPrincipal = (principal: string): principal is OwnPrincipal => own.has(principal);
