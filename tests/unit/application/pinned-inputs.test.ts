import { expect, test } from "@jest/globals";
import { Effect } from "effect";
import { defaultPins } from "../../../src/domain/nix/mod.ts";
import { deployer, monitor, reviewer, type Trouble } from "./cast.ts";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";

const shop = {
  id: "shop",
  nodes: [{ id: "web", type: "host", system: "x86_64-linux", address: "10.0.0.1" }],
  edges: [],
};
const locked = `${defaultPins.nixpkgs}?narHash=sha256-x`;

const assemble = Effect.fnUntraced(function* (leaf: Leaf, trouble: Trouble = {}) {
  const hosts = new Map([["web", "/nix/store/old"]]);
  yield* leaf.join("security", { capabilities: ["review"] }, reviewer());
  yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts, trouble));
  yield* leaf.join("monitor", { capabilities: ["monitor"] }, monitor(hosts));
  yield* leaf.give("ada", "graph", "shop", "import", shop);
});

/** Requests a deployment, lets it go to its end, and returns what became of it. */
const deploy = Effect.fnUntraced(function* (leaf: Leaf, id: string, payload: Payload = {}, by = "ada") {
  yield* leaf.give(by, "deployment", id, "request", { graph: "shop", target: "nixos", monitorSeconds: 0, ...payload });
  yield* leaf.settle;
  return yield* leaf.document("deployments", id);
});

const pinsOf = (leaf: Leaf) => Effect.map(leaf.document("graphs", "shop"), ({ pins }) => pins);

test("the first deployment to real hosts pins what nobody has pinned, before it is reviewed and voted on", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf);
      // The console names the version that it shows.
      const first = yield* deploy(leaf, "d1", { version: 2 });
      expect(first).toMatchObject({ status: "succeeded", graphVersion: 3, pins: { nixpkgs: locked } });
      expect(yield* pinsOf(leaf)).toEqual({ nixpkgs: locked });
      expect((yield* leaf.events("graph", "shop")).at(-1)).toMatchObject({ type: "inputs-pinned", actor: "ada" });
      const types = (yield* leaf.events("deployment", "d1")).map(({ type }) => type);
      expect(types.slice(0, 3)).toEqual(["deployment-requested", "revision-amended", "discussion-started"]);
      expect(yield* leaf.document("proposals", "d1")).toMatchObject({ subject: { graphDigest: first.graphDigest } });
      // One line more, and no pin changes.
      yield* leaf.give("ada", "graph", "shop", "import", { ...shop, description: "new" });
      const second = yield* deploy(leaf, "d2");
      expect(second).toMatchObject({ status: "succeeded" });
      expect(second).not.toHaveProperty("pins");
      expect(yield* pinsOf(leaf)).toEqual({ nixpkgs: locked });
      expect(yield* leaf.document("tasks", "d2=pin")).toEqual({});
    }),
  ));

test("what is to stay unpinned is named in the request, for the reviewers and voters to see", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf);
      expect(yield* deploy(leaf, "d1", { unpinned: ["nixpkgs"] })).toMatchObject({
        status: "succeeded",
        unpinned: ["nixpkgs"],
      });
      expect(yield* leaf.document("proposals", "d1")).toMatchObject({ subject: { unpinned: ["nixpkgs"] } });
      expect(yield* pinsOf(leaf)).toBeUndefined();
    }),
  ));

test("simulated hosts are built from nothing: there is nothing to pin", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf);
      expect(yield* deploy(leaf, "d1", { target: "simulated" })).toMatchObject({
        status: "succeeded",
        graphVersion: 2,
      });
      expect(yield* leaf.document("tasks", "d1=pin")).toEqual({});
    }),
  ));

const branch = { pins: { nixpkgs: "github:evil/nixpkgs/main" } };
const fork = { pins: { nixpkgs: `github:evil/nixpkgs/${"a".repeat(40)}` } };
const failures: ReadonlyArray<readonly [string, Trouble, Payload, string, RegExp]> = [
  ["the deployer names a branch", branch, {}, "ada", /did not name a commit.*cim graph pin shop/u],
  ["the deployer names another repository", fork, {}, "ada", /of the same repository for each.*cim graph pin shop/u],
  ["the requester may not change the graph", {}, {}, "eve", /`eve` may not give `graph.pin`.*as `unpinned`/u],
  ["an older version is asked for", {}, { version: 2 }, "ada", /version 2 is not the newest one/u],
];
test.each(failures)("it fails before it is reviewed, with a remedy, if %s", (_what, trouble, payload, by, detail) =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf, trouble);
      yield* leaf.grant("eve", "operator");
      if (payload.version !== undefined)
        yield* leaf.give("ada", "graph", "shop", "import", { ...shop, description: "new" });
      expect(yield* deploy(leaf, "d1", payload, by)).toMatchObject({
        status: "failed",
        reason: "inputs-not-pinned",
        detail: expect.stringMatching(detail),
      });
      expect(yield* pinsOf(leaf)).toBeUndefined();
      expect(yield* leaf.document("dialogs", "d1")).toEqual({});
    }),
  ),
);

test("one that is called off while its inputs are pinned pins nothing", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf, { hangsAtOnce: true });
      expect(yield* deploy(leaf, "d1")).toMatchObject({ status: "requested" });
      yield* leaf.give("ada", "deployment", "d1", "cancel", {});
      yield* leaf.settle;
      expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "cancelled" });
      expect(yield* leaf.document("tasks", "d1=pin")).toMatchObject({ status: "cancelled" });
      expect(yield* pinsOf(leaf)).toBeUndefined();
    }),
  ));
