import { expect, test } from "@jest/globals";
import { Result } from "effect";
import { deploymentFlake } from "../../../../src/domain/deployment/flake.ts";
import { type HostNow, hostChanges } from "../../../../src/domain/deployment/host-changes.ts";
import { decodeGraphDocument } from "../../../../src/domain/graph/document.ts";
import { digests } from "../../../../src/infrastructure/digests.ts";

const host = (id: string, last: number) => ({
  ...{ id, type: "host", system: "x86_64-linux", address: `10.0.0.${last}`, rootDevice: "/dev/vda1" },
});
const service = (id: string, command: string) => ({ id, type: "service", command });
const graph = (...more: ReadonlyArray<object>) =>
  Result.getOrThrow(
    decodeGraphDocument({
      id: "shop",
      nodes: [host("a", 1), host("b", 2), service("web", "/bin/web"), ...more],
      edges: [{ from: "web", to: "a", type: "runs-on" }],
    }),
  );
const flakeOf = (document: ReturnType<typeof graph>) => deploymentFlake(document, digests);
const changes = (document: ReturnType<typeof graph>, now: ReadonlyMap<string, HostNow>) =>
  hostChanges(document, flakeOf(document), now)
    .flat()
    .map(({ host: id, change, was }) => [id, change, was]);

const { files } = flakeOf(graph());
const deployed = (id: string): HostNow => ({
  closure: `closure-${id}`,
  deployed: true,
  module: files[`hosts/${id}.nix`] ?? "",
});

test("hosts that no deployment has reached are new, also where they run something", () => {
  const now = new Map<string, HostNow>([["b", { closure: "by-hand", deployed: false }]]);
  expect(changes(graph(), now)).toEqual([
    ["a", "new", undefined],
    ["b", "new", "by-hand"],
  ]);
});

test("a host whose module is what it runs is unchanged, also when another host joins", () => {
  const now = new Map([
    ["a", deployed("a")],
    ["b", deployed("b")],
  ]);
  expect(changes(graph(host("c", 3)), now)).toEqual([
    ["a", "unchanged", "closure-a"],
    ["b", "unchanged", "closure-b"],
    ["c", "new", undefined],
  ]);
});

test("another module, or one that is not known, is a change", () => {
  const now = new Map<string, HostNow>([
    ["a", { ...deployed("a"), module: "{ }" }],
    ["b", { closure: "closure-b", deployed: true }],
  ]);
  expect(changes(graph(), now)).toEqual([
    ["a", "changed", "closure-a"],
    ["b", "changed", "closure-b"],
  ]);
});
