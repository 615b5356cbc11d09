import { expect, test } from "@jest/globals";
import { Effect } from "effect";
import { deployer, monitor, reviewer } from "./cast.ts";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";

/** A service on one host that is reached in this way. */
const shop = (reach: Payload) => ({
  id: "shop",
  nodes: [
    { id: "front", type: "host", system: "x86_64-linux", ...reach },
    { id: "web", type: "service", command: "/bin/web", port: 8080 },
  ],
  edges: [{ from: "web", to: "front", type: "runs-on" }],
});

/** Deploys a graph, and returns how its deployer is told that the hosts were reached before. */
const deployed = Effect.fnUntraced(function* (leaf: Leaf, id: string, reach: Payload) {
  yield* leaf.give("ada", "graph", "shop", "import", shop(reach));
  yield* leaf.give("ada", "deployment", id, "request", { graph: "shop", target: "simulated" });
  yield* leaf.settle;
  expect(yield* leaf.document("deployments", id)).toMatchObject({ status: "succeeded" });
  const submitted = (yield* leaf.commits).flatMap(({ events }) =>
    events.flatMap(({ type, data }) => {
      const { type: kind, payload } = data as { readonly type?: string; readonly payload?: Payload };
      return type === "task-submitted" && kind === "deploy" && payload?.deployment === id ? [payload] : [];
    }),
  );
  expect(submitted).toHaveLength(1);
  return submitted[0]?.reached;
});

const ssh = { user: "ops", port: 22, identityFile: "/keys/a" };
const before = { address: "10.0.0.1", ssh };

test.each([
  ["address", { address: "10.0.0.9", ssh }],
  ["port", { ...before, ssh: { ...ssh, port: 2222 } }],
  ["user", { ...before, ssh: { ...ssh, user: "deploy" } }],
  ["key", { ...before, ssh: { ...ssh, identityFile: "/keys/b" } }],
])("if the %s of a host changes, its deployer is given the old way until the new one is confirmed", (_, after) =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      const hosts = new Map([["front", "/nix/store/old-front"]]);
      yield* leaf.join("security", { capabilities: ["review"] }, reviewer());
      yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts));
      yield* leaf.join("monitor", { capabilities: ["monitor"], maxConcurrentTasks: 16 }, monitor(hosts));
      expect(yield* deployed(leaf, "d1", before)).toBeUndefined();
      expect(yield* deployed(leaf, "d2", after)).toEqual([expect.objectContaining({ host: "front", ...before })]);
      expect(yield* deployed(leaf, "d3", after)).toBeUndefined();
    }),
  ),
);
