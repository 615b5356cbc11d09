import { randomInt } from "node:crypto";

const longestGraph = 63;

/** A new deployment's id: the graph, then time and chance in base 36, so that ids of a graph sort by time. */
export const newDeploymentId = (graph: string): string => {
  const chance = randomInt(36 ** 4)
    .toString(36)
    .padStart(4, "0");
  return `${graph.slice(0, longestGraph)}-${Date.now().toString(36)}${chance}`;
};
