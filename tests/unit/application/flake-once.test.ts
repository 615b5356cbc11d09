import { describe, expect, test } from "@jest/globals";
import { Effect, Layer, Metric, Option } from "effect";
import { flakesRendered } from "../../../src/application/metrics.ts";
import { Artifacts, FlakeInputs } from "../../../src/application/ports/mod.ts";
import { deployer, monitor, reviewer } from "./cast.ts";
import { inLeaf, type Leaf } from "./leaf.ts";

const graph = {
  id: "shop",
  nodes: [
    { id: "front", type: "host", system: "x86_64-linux", address: "10.0.0.1" },
    { id: "web", type: "service", command: "/bin/web", port: 8080, healthCheck: { kind: "http" } },
  ],
  edges: [{ from: "web", to: "front", type: "runs-on" }],
};

const rendered = Effect.map(Metric.value(flakesRendered), ({ count }) => Number(count));

/** Requests a deployment that the reviewer has not voted on yet. */
const request = Effect.fnUntraced(function* (leaf: Leaf, vote: Parameters<typeof reviewer>[0]) {
  const hosts = new Map([["front", "/nix/store/old-front"]]);
  yield* leaf.join("security", { capabilities: ["review"] }, reviewer(vote));
  yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts));
  yield* leaf.join("monitor", { capabilities: ["monitor"] }, monitor(hosts));
  yield* leaf.give("ada", "graph", "shop", "import", graph);
  yield* leaf.give("ada", "deployment", "d1", "request", { graph: "shop", target: "simulated" });
  yield* leaf.settle;
});

const approve = Effect.fnUntraced(function* (leaf: Leaf) {
  yield* leaf.give("security", "proposal", "d1", "vote", { choice: "approve" });
  yield* leaf.settle;
});

/** A store of artifacts in which everything is `lost` or `altered` from a moment on. */
const brokenStore = () => {
  const texts = new Map<string, string>();
  const is: { damage: "none" | "lost" | "altered" } = { damage: "none" };
  const layer = Layer.succeed(Artifacts, {
    put: (digest, text) =>
      Effect.sync(() => void texts.set(digest, typeof text === "string" ? text : new TextDecoder().decode(text))),
    has: (digest) => Effect.sync(() => is.damage === "none" && texts.has(digest)),
    get: (digest) =>
      Effect.sync(() => {
        const text = is.damage === "lost" ? undefined : texts.get(digest);
        return Option.fromUndefinedOr(is.damage === "altered" ? text?.replace("/bin/web", "/bin/miner") : text);
      }),
  });
  return { texts, is, layer };
};

describe("the flake of a deployment", () => {
  test("is rendered exactly once, when it is requested", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const before = yield* rendered;
        yield* request(leaf, {});
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "succeeded" });
        expect((yield* rendered) - before).toBe(1);
      }),
    ));

  test("is rendered once more for an amendment", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const changes = [{ type: "update-node", id: "web", changes: { port: 8081 } }];
        const before = yield* rendered;
        yield* leaf.join("ann", { capabilities: ["review"] }, reviewer());
        yield* request(leaf, {
          findings: [{ rule: "r", severity: "warning", nodes: ["web"], edges: [], message: "m", changes }],
          vote: { choice: "approve", conditions: [{ text: "port", changes }] },
        });
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "succeeded" });
        expect((yield* rendered) - before).toBe(2);
      }),
    ));

  test("stays what was voted on when another one would be rendered by now", () => {
    const pins: { nixpkgs?: string } = {};
    return inLeaf(
      (leaf) =>
        Effect.gen(function* () {
          yield* request(leaf, { vote: null });
          pins.nixpkgs = "github:NixOS/nixpkgs/0000000000000000000000000000000000000000";
          yield* approve(leaf);
          expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "succeeded" });
        }),
      Layer.succeed(FlakeInputs, pins),
    );
  });

  test.each(["lost", "altered"] as const)("that was %s is rendered and stored again if it is the same", (damage) => {
    const store = brokenStore();
    return inLeaf(
      (leaf) =>
        Effect.gen(function* () {
          yield* request(leaf, { vote: null });
          const kept = [...store.texts];
          store.is.damage = damage;
          store.texts.clear();
          for (const [digest, text] of damage === "altered" ? kept : []) store.texts.set(digest, text);
          yield* approve(leaf);
          expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "succeeded" });
          expect([...store.texts]).toEqual(kept);
        }),
      Layer.empty,
      store.layer,
    );
  });

  test.each(["lost", "altered"] as const)("that was %s is not deployed if another one is rendered by now", (damage) => {
    const store = brokenStore();
    const pins: { nixpkgs?: string } = {};
    return inLeaf(
      (leaf) =>
        Effect.gen(function* () {
          yield* request(leaf, { vote: null });
          store.is.damage = damage;
          pins.nixpkgs = "github:NixOS/nixpkgs/0000000000000000000000000000000000000000";
          yield* approve(leaf);
          expect(yield* leaf.document("deployments", "d1")).toMatchObject({
            status: "failed",
            reason: "approval-void",
          });
        }),
      Layer.succeed(FlakeInputs, pins),
      store.layer,
    );
  });

  test("can be read by its digest, whatever the graph is rendered to now", () => {
    const pins: { nixpkgs?: string } = {};
    return inLeaf(
      (leaf) =>
        Effect.gen(function* () {
          yield* request(leaf, { vote: null });
          const before = yield* leaf.ask("graphs", "flake", { id: "shop" });
          const { flakeDigest: digest = "" } = yield* leaf.document("deployments", "d1");
          pins.nixpkgs = "github:NixOS/nixpkgs/0000000000000000000000000000000000000000";
          expect(yield* leaf.ask("graphs", "flake", { id: "shop" })).not.toEqual(before);
          expect(yield* leaf.ask("graphs", "flake", { id: "shop", digest })).toEqual(before);
          const unknown = leaf.ask("graphs", "flake", { id: "shop", digest: "sha256-unknown" });
          expect(yield* Effect.flip(unknown)).toMatchObject({ code: "rejected", details: { reason: "flake-missing" } });
        }).pipe(Effect.orDie),
      Layer.succeed(FlakeInputs, pins),
    );
  });
});
