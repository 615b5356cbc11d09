/**
 * The names under which the backend gives commands. No client may use one of them. `cim` is the installation, which
 * owns the reference agents.
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

/**
 * Returns whether a principal is a part of the backend. What such a principal opened, submitted or requested belongs to
 * a workflow.
 */
export const isOwnPrincipal = (principal: string): principal is OwnPrincipal => own.has(principal);
