import { expect, test } from "@jest/globals";
import { Effect, Result } from "effect";
import { digests } from "../../../src/infrastructure/digests.ts";
import { deployer, monitor, reviewer } from "./cast.ts";
import { inLeaf, type Leaf } from "./leaf.ts";

const hardware = '{ fileSystems."/" = { device = "/dev/vda1"; fsType = "ext4"; }; }';

const graphWith = (text: string) => ({
  id: "shop",
  nodes: [
    {
      id: "front",
      type: "host",
      system: "x86_64-linux",
      address: "10.0.0.1",
      imports: ["./front.nix"],
      files: { "front.nix": digests.sha256(text) },
    },
    { id: "web", type: "service", command: "/bin/web", port: 8080, healthCheck: { kind: "http" } },
  ],
  edges: [{ from: "web", to: "front", type: "runs-on" }],
});

const give = (leaf: Leaf, payload: object) => leaf.give("ada", "graph", "shop", "import", { ...payload });

test("the modules of a host come in with its graph, are voted on by their digests, and are in the flake", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      const hosts = new Map([["front", "/nix/store/old"]]);
      yield* leaf.join("security", { capabilities: ["review"] }, reviewer());
      yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts));
      yield* leaf.join("monitor", { capabilities: ["monitor"] }, monitor(hosts));
      expect(yield* give(leaf, graphWith(hardware))).toMatchObject({
        failure: { details: { problems: [{ code: "invalid-config", nodes: ["front"] }] } },
      });
      expect(Result.isSuccess(yield* give(leaf, { ...graphWith(hardware), texts: [hardware] }))).toBe(true);
      // What is stored need not come again.
      expect(yield* give(leaf, graphWith(hardware))).toMatchObject({ success: { events: [] } });
      yield* leaf.give("ada", "deployment", "d1", "request", { graph: "shop", target: "simulated" });
      yield* leaf.settle;
      const { flakeDigest: digest, status } = yield* leaf.document("deployments", "d1");
      expect(status).toBe("succeeded");
      expect(yield* leaf.ask("graphs", "flake", { id: "shop", digest: String(digest), files: true })).toMatchObject({
        files: { "base/front/front.nix": hardware },
      });
      expect(yield* leaf.ask("graphs", "file", { id: "shop", host: "front", path: "front.nix" })).toEqual({
        digest: digests.sha256(hardware),
        text: hardware,
      });

      const other = `${hardware} # other`;
      yield* give(leaf, { ...graphWith(other), texts: [other] });
      expect(yield* leaf.ask("deployments", "plan", { graph: "shop" })).toMatchObject({
        waves: [[{ host: "front", change: "changed", settings: ["files.front.nix"] }]],
      });
    }),
  ));

test("a module with a secret in it is refused, and stored nowhere", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      const text = '{ users.users.ops.password = "hunter2hunter2"; }';
      const refused = {
        failure: { details: { problems: [{ message: expect.stringContaining("front.files.front.nix") }] } },
      };
      expect(yield* give(leaf, { ...graphWith(text), texts: [text] })).toMatchObject(refused);
      // Its digest alone does not bring it in either.
      expect(yield* give(leaf, graphWith(text))).toMatchObject({
        failure: { details: { problems: [{ message: expect.stringContaining("is not stored") }] } },
      });
      const allowSecretLike = ["front.files.front.nix"];
      expect(yield* give(leaf, { ...graphWith(text), texts: [text], allowSecretLike })).toMatchObject({
        success: { events: expect.arrayContaining(["secret-like-allowed"]) },
      });
    }),
  ));

test("inputs stay pinned by the graph, whatever its file says less, and another pin is a change of every host", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      const plain = { ...graphWith(hardware), texts: [hardware] };
      yield* give(leaf, plain);
      const pin = (pins: Readonly<Record<string, string>>) => leaf.give("ada", "graph", "shop", "pin", { pins });
      expect(yield* pin({ nixpkgs: "github:NixOS/nixpkgs/a" })).toMatchObject({
        success: { events: ["inputs-pinned"] },
      });
      expect(yield* give(leaf, plain)).toMatchObject({ success: { events: [] } });
      const flake = () => leaf.ask("graphs", "flake", { id: "shop", files: true });
      expect(yield* flake()).toMatchObject({
        files: { "flake.nix": expect.stringContaining('inputs.nixpkgs.url = "github:NixOS/nixpkgs/a"') },
      });
      expect(yield* pin({ disko: "github:nix-community/disko/b" })).toMatchObject({ success: {} });
      expect(yield* leaf.ask("graphs", "get", { id: "shop" })).toMatchObject({
        pins: { nixpkgs: "github:NixOS/nixpkgs/a", disko: "github:nix-community/disko/b" },
      });
      expect(yield* pin({ nixpkgs: "git+https://ann:hunter2hunter2@example.org/nixpkgs" })).toMatchObject({
        failure: {},
      });
    }),
  ));
