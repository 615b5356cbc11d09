/** What the reference reviewers are for. Each one is named by its topic. */
export const topics = ["architecture", "security", "capacity", "continuity"] as const;
export type Topic = (typeof topics)[number];

/** Two, so that one takes over when the other one dies. */
export const deployers = ["deployer-1", "deployer-2"] as const;

/**
 * The principals of the reference agents, with the roles that their work needs. They stand apart from the agents: a
 * backend admits them, and the agents themselves are loaded in a thread of their own.
 */
export const referencePrincipals = [
  ...topics.map((id) => ({ id, kind: "agent", roles: ["viewer", "participant", "voter"] }) as const),
  ...deployers.map((id) => ({ id, kind: "agent", roles: ["viewer", "participant", "deployer"] }) as const),
  { id: "monitor", kind: "agent", roles: ["viewer", "participant", "monitor"] } as const,
];
