import { largeGraph } from "../stalls/graph.ts";
import { eventually } from "../support/eventually.ts";
import type { Leaf } from "../support/leaf.ts";

/** Deployments that are under way at a time, each of a graph of its own. */
const width = 16;
/** Deployments between two lines that say how far it is. */
const progressEvery = 100;

/** Four hosts with a service each. */
const lane = (id: string) => {
  const { nodes, edges } = largeGraph(210, id);
  const isSmall = (one: unknown) => /"(host-[0-3]|service-[0-3])"/.test(JSON.stringify(one));
  return {
    id,
    nodes: [...(nodes as ReadonlyArray<never>)].filter(isSmall),
    edges: [...(edges as ReadonlyArray<never>)].filter(isSmall),
  };
};

/**
 * Fills a store with deployments: each is requested, put before a reviewer that keeps silent, and cancelled. So each has
 * its flake, its conversation and its documents in the views, as deployments of people have. Says how far it is on stderr.
 */
export const fillWithDeployments = async ({ client, startAgents, makeVoters }: Leaf, count: number): Promise<void> => {
  await makeVoters(["agent-0"]);
  await startAgents(1, { capabilities: ["review"] });
  await eventually(client, "agents", "agent-0", ({ status }) => status === "online");
  for (let index = 0; index < width; index++)
    await client.command<string, string>("graph", `lane-${index}`, "import", lane(`lane-${index}`));
  const begun = performance.now();
  let done = 0;
  // One after the other of each graph: it takes no second request while one is open.
  const fill = async (graph: number) => {
    for (let index = graph; index < count; index += width) {
      const id = `shop-${index}`;
      await client.command("deployment", id, "request", { graph: `lane-${graph}`, target: "simulated" });
      await client.command("deployment", id, "cancel", { reason: "measured" });
      done += 1;
      if (done % progressEvery !== 0 && done !== count) continue;
      const seconds = Math.round((performance.now() - begun) / 1000);
      console.error(`  ${done} of ${count} deployments after ${seconds} s`);
    }
  };
  await Promise.all(Array.from({ length: width }, (_, graph) => fill(graph)));
};
