import { expect, test } from "@jest/globals";
import { Effect } from "effect";
import { deployer, monitor, reviewer } from "./cast.ts";
import { inLeaf, type Leaf } from "./leaf.ts";

const graphOf = (id: string) => ({
  id,
  nodes: [
    { id: "front", type: "host", system: "x86_64-linux", address: "10.0.0.1" },
    { id: "web", type: "service", command: `/bin/${id}`, port: 8080, healthCheck: { kind: "http" } },
  ],
  edges: [{ from: "web", to: "front", type: "runs-on" }],
});

const assemble = Effect.fnUntraced(function* (leaf: Leaf) {
  const hosts = new Map([["front", "/nix/store/old"]]);
  yield* leaf.join("security", { capabilities: ["review"] }, reviewer());
  yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts));
  yield* leaf.join("monitor", { capabilities: ["monitor"], maxConcurrentTasks: 16 }, monitor(hosts));
  yield* leaf.give("ada", "graph", "shop", "import", graphOf("shop"));
  yield* leaf.give("bob", "graph", "blog", "import", graphOf("blog"));
});

const deploy = (leaf: Leaf, by: string, graph: string, id = `${graph}-1`, more: object = {}) =>
  Effect.tap(leaf.give(by, "deployment", id, "request", { graph, target: "simulated", ...more }), () => leaf.settle);
const statusOf = (leaf: Leaf, id: string) => Effect.map(leaf.document("deployments", id), ({ status }) => status);

test("a host belongs to one graph, until the owner of that graph releases it", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf);
      yield* deploy(leaf, "ada", "shop");
      expect(yield* statusOf(leaf, "shop-1")).toBe("succeeded");
      const foreign = { failure: { details: { reason: "host-of-another-graph", host: "front", graph: "shop" } } };
      expect(yield* deploy(leaf, "bob", "blog")).toMatchObject(foreign);
      const release = (by: string) => leaf.give(by, "host", "front", "release", { reason: "it moves" });
      expect(yield* release("bob")).toMatchObject({ failure: { details: { reason: "not-the-owner" } } });
      expect(yield* release("ada")).toMatchObject({ success: { events: ["host-released"] } });
      yield* leaf.settle;
      expect(yield* leaf.document("tasks", "shop=watch-simulated-1")).toMatchObject({ status: "cancelled" });
      yield* deploy(leaf, "bob", "blog");
      expect(yield* statusOf(leaf, "blog-1")).toBe("succeeded");
      expect(yield* deploy(leaf, "ada", "shop", "shop-2")).toMatchObject({
        failure: { details: { reason: "host-of-another-graph", graph: "blog" } },
      });
    }),
  ));

test("a graph takes a machine over that another graph has under another id, and it is watched as one host", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf);
      const { nodes, edges, ...blog } = graphOf("blog");
      const renamed = JSON.parse(JSON.stringify({ nodes, edges }).replaceAll('"front"', '"blog-1"'));
      yield* leaf.give("bob", "graph", "blog", "import", { ...blog, ...renamed });
      const nixos = { target: "nixos", unpinned: ["nixpkgs"] };
      yield* deploy(leaf, "ada", "shop", "shop-1", nixos);
      expect(yield* deploy(leaf, "bob", "blog", "blog-0", nixos)).toMatchObject({
        failure: { details: { reason: "host-of-another-graph", host: "blog-1", graph: "shop", as: "front" } },
      });
      expect(yield* leaf.ask("deployments", "plan", { graph: "blog" })).toMatchObject({
        waves: [[{ host: "blog-1", owner: { graph: "shop", as: "front" } }]],
      });
      yield* deploy(leaf, "bob", "blog", "blog-1", { ...nixos, takeOver: ["blog-1"] });
      expect(yield* statusOf(leaf, "blog-1")).toBe("succeeded");
      expect(yield* leaf.document("proposals", "blog-1")).toMatchObject({
        title: "Deploy version 8 of blog (nixos), which takes over front of shop",
        subject: { takeOver: [{ host: "blog-1", graph: "shop", as: "front" }] },
      });
      expect(yield* leaf.document("hosts", "blog-1")).toMatchObject({ desired: { placement: { graph: "blog" } } });
      expect(yield* leaf.document("hosts", "front")).not.toHaveProperty("desired");
      yield* leaf.give("bob", "deployment", "blog-1", "roll-back", { reason: "not yet" });
      yield* leaf.settle;
      expect(yield* statusOf(leaf, "blog-1")).toBe("rolled-back");
      expect(yield* leaf.document("hosts", "front")).toMatchObject({ desired: { placement: { graph: "shop" } } });
      expect(yield* deploy(leaf, "bob", "blog", "blog-2", nixos)).toMatchObject({
        failure: { details: { reason: "host-of-another-graph", as: "front" } },
      });
    }),
  ));

test("whoever only says that they are a person proposes nothing for the hosts of others; an operator or a voter does", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf);
      yield* deploy(leaf, "ada", "shop");
      yield* leaf.give("cim", "principal", "eve", "admit", { roles: ["participant"] });
      yield* leaf.give("eve", "agent", "eve", "register", { capabilities: [], metadata: { kind: "person" } });
      const propose = leaf.give("eve", "host", "front", "propose-change", { action: "stop", node: "web" });
      expect(yield* propose).toMatchObject({ failure: { details: { reason: "not-permitted" } } });
      yield* leaf.grant("eve", "voter");
      expect(yield* propose).toMatchObject({ success: { events: ["change-proposed"] } });
    }),
  ));

test("an admin releases a host too", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf);
      yield* deploy(leaf, "ada", "shop");
      yield* leaf.grant("root", "admin");
      const released = yield* leaf.give("root", "host", "front", "release", { reason: "ada is away" });
      expect(released).toMatchObject({ success: { events: ["host-released"] } });
    }),
  ));

test("whoever a graph is shared with changes it, and nobody else; it can be given away", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf);
      const update = (by: string, port: number) =>
        leaf.give(by, "graph", "shop", "update-node", { id: "web", changes: { port } });
      const refused = { failure: { code: "unauthorized" } };
      expect(yield* update("eve", 1)).toMatchObject(refused);
      expect(yield* leaf.give("eve", "graph", "shop", "share", { with: "eve" })).toMatchObject(refused);
      yield* leaf.give("ada", "graph", "shop", "share", { with: "eve" });
      expect(yield* update("eve", 2)).toMatchObject({ success: { events: ["node-updated"] } });
      for (const [command, payload] of [
        ["archive", {}],
        ["transfer", { to: "eve" }],
        ["unshare", { with: "eve" }],
      ] as const)
        expect(yield* leaf.give("eve", "graph", "shop", command, payload)).toMatchObject(refused);
      yield* leaf.give("ada", "graph", "shop", "unshare", { with: "eve" });
      expect(yield* update("eve", 3)).toMatchObject(refused);
      yield* leaf.give("ada", "graph", "shop", "transfer", { to: "eve" });
      expect(yield* update("ada", 4)).toMatchObject(refused);
      expect(yield* update("eve", 4)).toMatchObject({ success: { events: ["node-updated"] } });
      expect(yield* leaf.document("graphs", "shop")).toMatchObject({ owner: "eve", editors: [] });
    }),
  ));
