import { expect, test } from "@jest/globals";
import { Effect, Schema } from "effect";
import { deployer, monitor, reviewer } from "./cast.ts";
import { type Behaviour, inLeaf, type Leaf } from "./leaf.ts";

const Assigned = Schema.Struct({ task: Schema.Struct({ id: Schema.String, type: Schema.String }) });
const isAssigned = Schema.is(Assigned);

/** A monitor that dies of its first watch. */
const frail =
  (hosts: Map<string, string>): Behaviour =>
  (leaf, self, delivery) =>
    Effect.gen(function* () {
      yield* monitor(hosts)(leaf, self, delivery);
      if (isAssigned(delivery.message) && delivery.message.task.id === "solo=watch-simulated-1")
        yield* leaf.give(self, "task", delivery.message.task.id, "fail", { reason: "it broke" });
    });

const graph = {
  id: "solo",
  nodes: [
    { id: "leaf", type: "host", system: "x86_64-linux", address: "10.0.0.1" },
    { id: "web", type: "service", command: "/bin/web" },
  ],
  edges: [],
};

const statusOf = (leaf: Leaf, task: string) => Effect.map(leaf.document("tasks", task), ({ status }) => status);

test("a watch that failed is submitted again after a pause, and ends when another deployment begins", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      const hosts = new Map<string, string>();
      yield* leaf.join("security", { capabilities: ["review"] }, reviewer());
      yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts));
      yield* leaf.join("monitor", { capabilities: ["monitor"], maxConcurrentTasks: 16 }, frail(hosts));
      yield* leaf.give("ada", "graph", "solo", "import", graph);
      yield* leaf.give("ada", "deployment", "d1", "request", { graph: "solo", target: "simulated" });
      yield* leaf.settle;
      expect(yield* statusOf(leaf, "solo=watch-simulated-1")).toBe("failed");
      yield* leaf.pass(9);
      expect(yield* statusOf(leaf, "solo=watch-simulated-2")).toBeUndefined();
      yield* leaf.pass(3);
      expect(yield* statusOf(leaf, "solo=watch-simulated-2")).toBe("in-progress");
      yield* leaf.give("ada", "deployment", "d2", "request", { graph: "solo", target: "simulated" });
      yield* leaf.settle;
      expect(yield* statusOf(leaf, "solo=watch-simulated-2")).toBe("cancelled");
      expect(yield* statusOf(leaf, "solo=watch-simulated-3")).toBe("in-progress");
      expect(yield* leaf.document("hosts", "leaf")).toMatchObject({ desired: { deployment: "d2" } });
    }),
  ));
