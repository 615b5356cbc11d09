import type { PolicyDocument } from "./policy-document.ts";

const base = {
  protocol: "simple-majority",
  quorum: "1/2",
  votingSeconds: 60,
  discussionSeconds: 0,
  ballotsMayChange: true,
} as const;

/** The policy of every kind that has none of its own. */
export const defaultPolicyId = "default";

/** What decides until an operator sets policies: by kind of proposal. A task, and a way back, must not wait long. */
export const shippedPolicies: Readonly<Record<string, PolicyDocument>> = {
  [defaultPolicyId]: { ...base, description: "Any proposal: more approvals than rejections, half of the voters." },
  deployment: {
    ...base,
    awaitConditions: true,
    description: "A deployment of a graph: the reviewers decide, conditions change the graph.",
  },
  repair: { ...base, description: "A repair of a host that drifted." },
  change: { ...base, description: "A change of what runs on a host." },
  infrastructure: {
    ...base,
    protocol: "qualified-majority",
    threshold: "2/3",
    description: "A change of infrastructure: two thirds of the votes.",
  },
  "task-assignment": { ...base, votingSeconds: 30, description: "Who gets a task." },
  "knowledge-validation": { ...base, quorum: "1/3", description: "Whether a fact holds." },
  "conflict-resolution": {
    ...base,
    protocol: "qualified-majority",
    threshold: "2/3",
    description: "Which of two statements holds: two thirds of the votes.",
  },
  rollback: { ...base, quorum: "1/3", votingSeconds: 30, description: "Going back to what was before." },
};
