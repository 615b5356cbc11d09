import { describe, expect, test } from "@jest/globals";
import { Effect, Result, type Schema } from "effect";
import { verify } from "../../../src/application/operations/verify/mod.ts";
import type { Commit } from "../../../src/application/ports/mod.ts";
import { defined } from "../../../src/domain/kernel/mod.ts";
import { defaultPins } from "../../../src/domain/nix/mod.ts";
import { digestsLayer } from "../../../src/infrastructure/digests.ts";
import { logOf } from "../../support/memory.ts";
import { deployer, type Hosts, monitor, reviewer } from "./cast.ts";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";

const host = (id: string, address: string) => ({ id, type: "host", system: "x86_64-linux", address });
const shop = {
  id: "shop",
  nodes: [
    host("front", "10.0.0.1"),
    host("back", "10.0.0.2"),
    { id: "web", type: "service", command: "/bin/web", port: 8080 },
    { id: "db", type: "database", engine: "postgresql" },
  ],
  edges: [
    { from: "web", to: "front", type: "runs-on" },
    { from: "db", to: "back", type: "runs-on" },
    { from: "web", to: "db", type: "depends-on" },
  ],
};

const deployed = Effect.fnUntraced(function* (leaf: Leaf) {
  const hosts: Hosts = new Map();
  yield* leaf.join("security", { capabilities: ["review"] }, reviewer());
  yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts));
  yield* leaf.join("monitor", { capabilities: ["monitor"], maxConcurrentTasks: 16 }, monitor(hosts));
  yield* leaf.give("ada", "graph", "shop", "import", shop);
  yield* leaf.give("ada", "deployment", "d1", "request", { graph: "shop", target: "simulated" });
  yield* leaf.settle;
});

const refusalOf = (asked: Effect.Effect<Schema.Json, { readonly code: string; readonly details?: unknown }>) =>
  Effect.map(Effect.result(asked), (result) => (Result.isFailure(result) ? result.failure : undefined));

describe("graphs", () => {
  test("come with their digest and everything that is wrong with them, now and as they were", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.give("ada", "graph", "shop", "import", shop);
        const now = (yield* leaf.ask("graphs", "get", { id: "shop" })) as Payload;
        expect(now).toMatchObject({ id: "shop", version: 8, archived: false });
        expect(now.digest).toMatch(/^sha256-[0-9a-f]{64}$/);
        yield* leaf.give("ada", "graph", "shop", "add-node", { node: { id: "lost", type: "service", command: "/x" } });
        const changed = (yield* leaf.ask("graphs", "get", { id: "shop" })) as Payload;
        expect(changed.digest).not.toBe(now.digest);
        expect(changed.problems).toContainEqual(expect.objectContaining({ code: "unplaced", nodes: ["lost"] }));
        expect(yield* leaf.ask("graphs", "get", { id: "shop", version: 8 })).toEqual(now);
      }),
    ));

  test("have flakes, where they can", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.give("ada", "graph", "shop", "import", shop);
        expect(yield* leaf.ask("graphs", "flake", { id: "shop" })).toMatchObject({
          digest: expect.stringMatching(/^sha256-/),
          files: { "flake.nix": expect.any(String), "hosts/front.nix": expect.stringContaining("web") },
        });
        yield* leaf.give("ada", "graph", "shop", "add-node", { node: { id: "lost", type: "service", command: "/x" } });
        expect(yield* refusalOf(leaf.ask("graphs", "flake", { id: "shop" }))).toMatchObject({
          code: "rejected",
          details: { reason: "invalid-graph" },
        });
        expect(yield* refusalOf(leaf.ask("graphs", "flake", { id: "none" }))).toMatchObject({
          details: { reason: "not-found" },
        });
        expect(yield* refusalOf(leaf.ask("graphs", "flake", { id: "shop", version: 99 }))).toMatchObject({
          details: { reason: "version-not-found", newest: 9 },
        });
      }),
    ));
});

describe("versions of a graph", () => {
  const lost = { node: { id: "lost", type: "service", command: "/x" } };

  test("are the ends of commits: nothing within one can be named, anywhere", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.give("ada", "graph", "shop", "import", shop);
        yield* leaf.give("ada", "graph", "shop", "add-node", lost);
        yield* leaf.give("ada", "graph", "shop", "import", shop);
        yield* leaf.give("ada", "graph", "shop", "import", {
          ...shop,
          nodes: shop.nodes.map((node) =>
            "port" in node ? { ...node, port: 81 } : "address" in node ? { ...node, labels: { a: "b" } } : node,
          ),
        });
        const ends = [8, 9, 10, 13];
        const detailsOf = (version: number) => {
          const [before, after] = [ends.findLast((end) => end < version), ends.find((end) => end > version)];
          return { reason: "version-inside-commit", ...defined({ before, after }) };
        };
        for (let version = 1; version <= 13; version++) {
          const asked = [
            leaf.ask("graphs", "get", { id: "shop", version }),
            leaf.ask("graphs", "flake", { id: "shop", version }),
            leaf.ask("deployments", "plan", { graph: "shop", version }),
          ];
          for (const one of asked) {
            const details = (yield* refusalOf(one))?.details;
            if (!ends.includes(version)) expect(details).toEqual(detailsOf(version));
            else if (details !== undefined) expect(details).toMatchObject({ reason: "invalid-graph" });
          }
        }
        const request = { graph: "shop", version: 12, target: "simulated" };
        const refused = yield* leaf.give("ada", "deployment", "d1", "request", request);
        expect(Result.isFailure(refused) && refused.failure).toMatchObject({
          code: "rejected",
          details: detailsOf(12),
        });
      }),
    ));

  test("are listed, newest first, with who made them, what changed, and what was deployed", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* deployed(leaf);
        const adding = { aggregate: "graph", id: "shop", command: "add-node", payload: lost };
        yield* leaf.handle({ ...adding, principal: "bob", audience: "internal" });
        expect(yield* leaf.ask("graphs", "versions", { id: "shop" })).toMatchObject({
          items: [
            { version: 9, actor: "bob", command: "add-node", changes: 1, text: "adds service `lost`", deployments: [] },
            {
              version: 8,
              actor: "ada",
              command: "import",
              changes: 8,
              text: "creates the graph and 7 more changes",
              deployments: [{ id: "d1", target: "simulated", status: "succeeded" }],
            },
          ],
        });
        expect(yield* leaf.ask("graphs", "versions", { id: "shop", limit: 1 })).toMatchObject({
          items: [{ version: 9 }],
          before: 9,
        });
        const rest = yield* leaf.ask("graphs", "versions", { id: "shop", before: 9 });
        expect(rest).toEqual({ items: [expect.objectContaining({ version: 8 })] });
        expect(yield* refusalOf(leaf.ask("graphs", "versions", { id: "none" }))).toMatchObject({
          details: { reason: "not-found" },
        });
      }),
    ));
});

describe("a plan", () => {
  const changesIn = (plan: Schema.Json) =>
    (plan as { readonly waves: ReadonlyArray<ReadonlyArray<Payload>> }).waves.map((wave) =>
      wave.map(({ host: id, change, was }) => [id, change, ...(was === undefined ? [] : [was])]),
    );

  test("says what is new, what changes and what stays, in the order of deploying", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.give("ada", "graph", "shop", "import", shop);
        const first = yield* leaf.ask("deployments", "plan", { graph: "shop" });
        expect(changesIn(first)).toEqual([[["back", "new"]], [["front", "new"]]]);
        expect(first).toMatchObject({
          graph: "shop",
          waves: [[{ address: "10.0.0.2", nodes: ["db"], build: true }], [{ units: { started: ["web.service"] } }]],
          gone: [],
        });
        yield* deployed(leaf);
        const closure = (id: string) => `/nix/store/d1=deploy-${id}`;
        expect(changesIn(yield* leaf.ask("deployments", "plan", { graph: "shop" }))).toEqual([
          [["back", "unchanged", closure("back")]],
          [["front", "unchanged", closure("front")]],
        ]);
        yield* leaf.give("ada", "graph", "shop", "update-node", { id: "web", changes: { args: ["--fast"] } });
        expect(changesIn(yield* leaf.ask("deployments", "plan", { graph: "shop" }))).toEqual([
          [["back", "unchanged", closure("back")]],
          [["front", "changed", closure("front")]],
        ]);
        expect(yield* leaf.ask("deployments", "plan", { graph: "shop" })).toMatchObject({
          waves: [
            [{ build: false, units: { started: [], restarted: [] } }],
            [{ build: true, units: { started: [], stopped: [], restarted: ["web.service"] } }],
          ],
        });
        // A document that is not stored: the pins of its graph stay as they are.
        const document = {
          ...shop,
          nodes: shop.nodes.map((node) => (node.id === "web" ? { ...node, port: 81 } : node)),
        };
        const compared = yield* leaf.ask("deployments", "compare", { document });
        expect(changesIn(compared)).toEqual([
          [["back", "unchanged", closure("back")]],
          [["front", "changed", closure("front")]],
        ]);
        yield* leaf.give("ada", "graph", "shop", "pin", { pins: { nixpkgs: "path:/other" } });
        expect(yield* leaf.ask("deployments", "compare", { document })).toMatchObject({
          pins: { nixpkgs: "path:/other" },
          waves: [[{ settings: ["pins.nixpkgs"] }], [{ settings: ["pins.nixpkgs"] }]],
        });
        const { nixpkgs } = defaultPins;
        yield* leaf.give("ada", "graph", "shop", "pin", { pins: { nixpkgs } });
        yield* leaf.give("ada", "graph", "shop", "remove-node", { id: "front" });
        yield* leaf.give("ada", "graph", "shop", "remove-node", { id: "web" });
        expect(yield* leaf.ask("deployments", "plan", { graph: "shop" })).toMatchObject({
          waves: [[{ host: "back", change: "unchanged" }]],
          gone: [{ host: "front", was: closure("front") }],
        });
        yield* leaf.give("ada", "deployment", "d1", "roll-back");
        yield* leaf.settle;
        expect(changesIn(yield* leaf.ask("deployments", "plan", { graph: "shop", version: 8 }))).toEqual([
          [["back", "changed", "/nix/store/first"]],
          [["front", "changed", "/nix/store/first"]],
        ]);
      }),
    ));
});

describe("the audit", () => {
  test("tells what happened, in pages that miss nothing and repeat nothing", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* deployed(leaf);
        type Page = {
          readonly items: ReadonlyArray<{ readonly eventId: string; readonly aggregate: string }>;
          cursor?: string;
        };
        const page = (input: Payload) => Effect.map(leaf.ask("audit", "trail", input), (answer) => answer as Page);
        const { items: all } = yield* page({ limit: 1000 });
        const paged: Array<string> = [];
        for (let cursor: string | undefined = "0.0"; cursor !== undefined; ) {
          const next: Page = yield* page({ limit: 7, cursor });
          paged.push(...next.items.map(({ eventId }) => eventId));
          cursor = next.cursor;
        }
        expect(paged).toEqual(all.map(({ eventId }) => eventId));
        expect(new Set(paged).size).toBe(paged.length);

        const backwards: Array<string> = [];
        for (let next: Page = yield* page({ order: "newest", limit: 7 }); ; ) {
          backwards.push(...next.items.map(({ eventId }) => eventId));
          if (next.cursor === undefined) break;
          next = yield* page({ order: "newest", limit: 7, cursor: next.cursor });
        }
        expect(backwards).toEqual(paged.toReversed());
        const { items: newestOfGraph } = yield* page({ order: "newest", aggregate: "graph", id: "shop" });

        const { items: ofGraph } = yield* page({ aggregate: "graph", id: "shop" });
        expect(ofGraph.map(({ eventId }) => eventId)).toEqual(
          all.filter(({ aggregate }) => aggregate === "graph").map(({ eventId }) => eventId),
        );
        expect(newestOfGraph).toEqual(ofGraph.toReversed());
        const { items: votes } = yield* page({ actor: "security", type: "ballot-cast" });
        expect(votes).toMatchObject([{ aggregate: "proposal", id: "d1", type: "ballot-cast", actor: "security" }]);
        expect((yield* page({ after: "1970-01-01T00:00:00.000Z" })).items).toEqual([]);
      }),
    ));

  test("shows one event, and an aggregate as it was", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* deployed(leaf);
        expect(yield* leaf.ask("audit", "event", { id: "deployment.d1.1" })).toMatchObject({
          type: "deployment-requested",
          actor: "ada",
        });
        expect(yield* refusalOf(leaf.ask("audit", "event", { id: "deployment.d1.999" }))).toMatchObject({
          details: { reason: "not-found" },
        });
        const started = (yield* leaf.events("deployment", "d1")).find(({ type }) => type === "voting-started");
        const input = { aggregate: "deployment", id: "d1", position: started?.position ?? 0 };
        expect(yield* leaf.ask("audit", "replay", input)).toMatchObject({
          position: started?.position,
          state: { status: "voting" },
        });
        expect(yield* leaf.ask("audit", "replay", { aggregate: "graph", id: "shop" })).toMatchObject({ version: 8 });
        expect(yield* refusalOf(leaf.ask("audit", "replay", { aggregate: "graph", id: "none" }))).toMatchObject({
          message: "there is no graph `none`",
          details: { reason: "not-found" },
        });
        const later = yield* leaf.give("ada", "graph", "later", "import", { id: "later", nodes: [], edges: [] });
        const { position } = Result.getOrThrow(later);
        const before = { aggregate: "graph", id: "later", position: position - 1 };
        expect(yield* refusalOf(leaf.ask("audit", "replay", before))).toMatchObject({
          message: expect.stringContaining("there was no graph `later` then: its first event is of "),
          details: { reason: "not-found", position },
        });
      }),
    ));

  test("finds nothing wrong with a log that nobody touched", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* deployed(leaf);
        const { items } = (yield* leaf.ask("audit", "trail", { limit: 1000 })) as { items: ReadonlyArray<unknown> };
        expect(yield* leaf.ask("audit", "verify", {})).toMatchObject({ ok: true, events: items.length, findings: [] });
        expect(yield* leaf.ask("audit", "verify", { aggregate: "graph", id: "shop" })).toMatchObject({ commits: 1 });
      }),
    ));
});

describe("a log that was tampered with", () => {
  /** The commits of a deployment that went well, changed in one way; what the audit says about that. */
  const findingsIn = (tamper: (commits: ReadonlyArray<Commit>) => ReadonlyArray<Commit>) => {
    let findings: ReadonlyArray<{ readonly aggregate: string; readonly problem: string }> = [];
    return inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* deployed(leaf);
        const commits = yield* leaf.commits;
        findings = (yield* Effect.orDie(verify(logOf(tamper(commits))))).findings;
      }).pipe(Effect.provide(digestsLayer)),
    ).then(() => findings);
  };
  const changing =
    (aggregate: string, type: string, change: (commit: Commit) => Commit) => (commits: ReadonlyArray<Commit>) =>
      commits.map((commit) =>
        commit.aggregate === aggregate && commit.events.some((event) => event.type === type) ? change(commit) : commit,
      );

  test("shows changed data", async () => {
    const found = await findingsIn(
      changing("host", "host-deployed", (commit) => {
        const [first, ...rest] = commit.events;
        return { ...commit, events: [{ ...first, data: { closure: "/nix/store/evil" } }, ...rest] };
      }),
    );
    expect(found[0]?.problem).toMatch(/is not what its content id/);
  });
  test("shows a commit that is gone", async () => {
    const found = await findingsIn((commits) => commits.filter(({ command }) => command !== "begin-voting"));
    expect(found.map(({ problem }) => problem)).toEqual(
      expect.arrayContaining([expect.stringMatching(/should follow/), expect.stringMatching(/it says it follows/)]),
    );
  });
  test("shows a command that was handled twice, and time that went backwards", async () => {
    const twice = await findingsIn((commits) =>
      commits.flatMap((commit) => (commit.command === "request" ? [commit, commit] : [commit])),
    );
    expect(twice.some(({ problem }) => /was handled before/.test(problem))).toBe(true);
    const early = await findingsIn(
      changing("deployment", "voting-started", (commit) => ({ ...commit, time: "1969-01-01T00:00:00.000Z" })),
    );
    expect(early.some(({ problem }) => /is before/.test(problem))).toBe(true);
  });
  test("shows a tally that is not what the ballots count", async () => {
    const found = await findingsIn(
      changing("proposal", "proposal-approved", (commit) => {
        const [first, ...rest] = commit.events.map((event) =>
          event.type === "ballot-cast"
            ? { ...event, data: { voter: "security", weight: 1, choice: "reject", replaces: false } }
            : event,
        );
        return first === undefined ? commit : { ...commit, events: [first, ...rest] };
      }),
    );
    expect(found.some(({ problem }) => /the ballots count/.test(problem))).toBe(true);
  });
});
