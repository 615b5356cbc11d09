import { describe, expect, test } from "@jest/globals";
import { Effect, Result } from "effect";
import { deployer, monitor, reviewer } from "./cast.ts";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";

const secret = "correct-horse-battery";
const web = { id: "web", type: "service", command: "/bin/web", port: 8080 };
const shop = (more: Payload = {}) => ({
  id: "shop",
  nodes: [
    { id: "front", type: "host", system: "x86_64-linux", address: "10.0.0.1" },
    { ...web, ...more },
  ],
  edges: [{ from: "web", to: "front", type: "runs-on" }],
});
const withSecret = (name: string) => ({ environment: { [name]: secret } });
const field = "web.environment.DB_PASSWORD";
const changes = [{ type: "update-node", id: "web", changes: withSecret("DB_PASSWORD") }];
const ballot = { choice: "approve", conditions: [{ text: "only with this", changes }] };
const remedy = { rule: "test/mend", severity: "warning", nodes: ["web"], edges: [], message: "mend it", changes };

const request = (leaf: Leaf, id = "d1") =>
  leaf.give("ada", "deployment", id, "request", { graph: "shop", target: "simulated" });

const messageOf = (result: Result.Result<unknown, { readonly message: string }>): string =>
  Result.isFailure(result) ? result.failure.message : "accepted";

/** A deployment whose reviewers have said nothing yet. */
const waiting = Effect.fnUntraced(function* (leaf: Leaf, graph: Payload = shop()) {
  const hosts = new Map([["front", "/nix/store/old"]]);
  for (const id of ["security", "capacity"])
    yield* leaf.join(id, { capabilities: ["review"] }, reviewer({ vote: null, later: { choice: "approve" } }));
  yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts));
  yield* leaf.join("monitor", { capabilities: ["monitor"], maxConcurrentTasks: 16 }, monitor(hosts));
  yield* leaf.give("ada", "graph", "shop", "import", graph);
  const requested = yield* request(leaf);
  yield* leaf.settle;
  return requested;
});

const neverInTheLog = (leaf: Leaf) =>
  Effect.map(leaf.commits, (commits) => expect(JSON.stringify(commits)).not.toContain(secret));

describe("what looks like a secret", () => {
  test("is refused in a ballot and in a review, and does not get into the log", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* waiting(leaf);
        const { graphDigest: revision } = yield* leaf.document("deployments", "d1");
        for (const refused of [
          yield* leaf.give("security", "proposal", "d1", "vote", ballot),
          yield* leaf.give("security", "deployment", "d1", "review", { revision: revision ?? "", findings: [remedy] }),
        ]) {
          expect(messageOf(refused)).toContain(`\`${field}\` looks like a secret`);
          expect(messageOf(refused)).not.toContain(secret);
        }
        yield* neverInTheLog(leaf);
      }),
    ));

  test("is let through where the voter allows it, and the graph names the voter", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* waiting(leaf);
        yield* leaf.give("capacity", "proposal", "d1", "vote", { choice: "approve" });
        const cast = yield* leaf.give("security", "proposal", "d1", "vote", { ...ballot, allowSecretLike: [field] });
        expect(messageOf(cast)).toBe("accepted");
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ round: 2 });
        expect(yield* leaf.document("graphs", "shop")).toMatchObject({
          secretLike: [{ field, allowedBy: "security" }],
        });
      }),
    ));

  test("is nothing new in a ballot on a graph that has it", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* waiting(leaf, { ...shop(withSecret("DB_PASSWORD")), allowSecretLike: [field] });
        yield* leaf.give("capacity", "proposal", "d1", "vote", { choice: "approve" });
        const more = [{ type: "update-node", id: "web", changes: { ...withSecret("DB_PASSWORD"), port: 8081 } }];
        const cast = yield* leaf.give("security", "proposal", "d1", "vote", {
          choice: "approve",
          conditions: [{ text: "another port", changes: more }],
        });
        expect(messageOf(cast)).toBe("accepted");
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ round: 2 });
        expect(yield* leaf.document("graphs", "shop")).toMatchObject({ secretLike: [{ field, allowedBy: "ada" }] });
      }),
    ));

  test("and is in a graph unallowed, as in an older log, is not deployed until somebody allows it", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        // Under another name it is nothing new for the node, and nobody has allowed this one.
        yield* leaf.give("ada", "graph", "shop", "import", {
          ...shop(withSecret("OLD_PASSWORD")),
          allowSecretLike: ["web.environment.OLD_PASSWORD"],
        });
        const graph = shop(withSecret("DB_PASSWORD"));
        const refused = yield* waiting(leaf, graph);
        expect(messageOf(refused)).toContain(`import the graph with \`--allow-secret-like ${field}\``);
        expect(messageOf(refused)).not.toContain(secret);
        yield* leaf.give("ada", "graph", "shop", "import", { ...graph, allowSecretLike: [field] });
        expect(messageOf(yield* request(leaf, "d2"))).toBe("accepted");
      }),
    ));
});
