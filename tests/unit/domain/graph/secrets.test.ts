import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import fc from "fast-check";
import { applyChanges } from "../../../../src/domain/graph/changes.ts";
import type { GraphEvent } from "../../../../src/domain/graph/contract.ts";
import { graph } from "../../../../src/domain/graph/decider.ts";
import { problemsAtDoor } from "../../../../src/domain/graph/problems.ts";
import { secretLikeFields } from "../../../../src/domain/graph/secret-check.ts";
import { looksLikeSecret } from "../../../../src/domain/graph/secrets.ts";
import type { CommandOf } from "../../../../src/domain/kernel/mod.ts";
import { anyDeployableGraph } from "../../../support/any-graph.ts";
import { specification } from "../../../support/specification.ts";
import { document, example, exampleNames, host, runsOn, service } from "./fixtures.ts";

const { given, stateAfter } = specification(graph, { aggregateId: "shop", known: undefined });
type Command = CommandOf<typeof graph.commands>;

const token = `ghp_${"a1B2".repeat(9)}`;

describe("a text looks like a secret", () => {
  test.each([
    ["DB_PASSWORD", "hunter2"],
    ["API_KEY", "x"],
    ["SENTRY_DSN", "https://abc@sentry.io/1"],
    ["SESSION_KEY", "f3a9c1d0e8b7465a9c2d1e0f"],
    ["X", "nats://u:p@h"],
    ["X", "AKIAIOSFODNN7EXAMPLE"],
    ["X", `SU${"A2".repeat(28)}`],
    ["X", token],
    ["X", `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${"a".repeat(20)}`],
    ["X", "-----BEGIN EC PRIVATE KEY-----\nMIIE"],
    ["X", "run --db-password hunter2"],
    ["X", "env TOKEN=abc /bin/run"],
    ["X", '{"password": "x"}'],
    ["X", "-H 'Authorization: Bearer abcdef'"],
  ])("%s=%s", (name, value) => expect(looksLikeSecret(name, value)).toBe(true));

  test.each([
    ["DB_PASSWORD", ""],
    ["DB_PASSWORD", "/run/secrets/db"],
    ["DB_PASSWORD", "%d/db"],
    ["DB_PASSWORD", `\${CREDENTIALS_DIRECTORY}/db`],
    ["DB_PASSWORD", "<password>"],
    ["DB_PASSWORD", "changeme"],
    ["DB_PASSWORD_FILE", "hunter2"],
    ["MAX_TOKENS", "4096"],
    ["USE_TOKEN", "true"],
    ["SENTRY_DSN", "https://sentry.io/1"],
    ["CACHE_KEY", "users-by-id"],
    ["X", `nats://u:\${PW}@h`],
    ["X", "the password is in the vault"],
    ["X", "--password-file=/run/secrets/p --port 80"],
  ])("but not %s=%s", (name, value) => expect(looksLikeSecret(name, value)).toBe(false));

  test.each(["--a".repeat(2e4), "a=".repeat(3e4), "://a:".repeat(2e4), "eyJ".repeat(3e4), "-a é ".repeat(2e4)])(
    "is found in time that grows with the text (%#)",
    (text) => {
      const start = performance.now();
      looksLikeSecret("X", text);
      expect(performance.now() - start).toBeLessThan(1000);
    },
  );
});

test.each(exampleNames)("the example %s has none", (name) => expect(secretLikeFields(example(name))).toEqual([]));

test("any graph of the tests has none", () => {
  fc.assert(
    fc.property(anyDeployableGraph, (any) => expect(secretLikeFields(any)).toEqual([])),
    { numRuns: 50 },
  );
});

const web = service("web", { environment: { DB_PASSWORD: "correct-horse" } });
const start = document([host("leaf"), service("web"), service("api")], [runsOn("web", "leaf")]);
const importing = (payload: Extract<Command, { type: "import" }>["payload"]): Command => ({ type: "import", payload });
const history: ReadonlyArray<GraphEvent> = Result.getOrThrow(given([]).when(importing(start)));

const withSecret: ReadonlyArray<readonly [string, string, Command]> = [
  ["import", "invalid-graph", importing(document([host("leaf"), web]))],
  ["import", "invalid-graph", importing({ ...start, description: "postgres://u:correct-horse@h" })],
  [
    "add-node",
    "invalid-config",
    { type: "add-node", payload: { node: service("db", { args: ["--password", "correct-horse"] }) } },
  ],
  [
    "update-node",
    "invalid-config",
    { type: "update-node", payload: { id: "web", changes: { command: "run --token=correct-horse" } } },
  ],
  [
    "connect",
    "invalid-config",
    {
      type: "connect",
      payload: { edge: { from: "web", to: "gone", type: "data-flow", id: "password=correct-horse" } },
    },
  ],
];

describe("a graph", () => {
  test.each(withSecret)("refuses a secret at %s with %s, and does not repeat it", (_, reason, command) => {
    const result = given(history).when(command);
    expect(Result.isFailure(result) && result.failure.reason).toBe(reason);
    expect(JSON.stringify(result)).toContain("looks like a secret");
    expect(JSON.stringify(result)).not.toContain("correct-horse");
  });

  test("takes what was allowed, and says so in the log", () => {
    const allowSecretLike = ["web.environment.DB_PASSWORD"];
    const allowed = { type: "secret-like-allowed", data: { fields: allowSecretLike } };
    const { environment = {} } = web;
    expect(
      given(history).when({ type: "update-node", payload: { id: "web", changes: { environment }, allowSecretLike } }),
    ).toEqual(Result.succeed([{ type: "node-updated", data: { node: web } }, allowed]));
    const events = Result.getOrThrow(given([]).when(importing({ ...document([host("leaf"), web]), allowSecretLike })));
    expect(events).toContainEqual(allowed);
    expect(given(events).when(importing(document([host("leaf"), web])))).toEqual(Result.succeed([]));
  });

  test("of an older log keeps its secret, can be changed, and takes no other", () => {
    const old: ReadonlyArray<GraphEvent> = [...history, { type: "node-updated", data: { node: web } }];
    const update = (changes: Extract<Command, { type: "update-node" }>["payload"]["changes"]): Command => ({
      type: "update-node",
      payload: { id: "web", changes },
    });
    expect(Result.isSuccess(given(old).when(update({ port: 80 })))).toBe(true);
    expect(given(old).refuses(update({ environment: { DB_PASSWORD: "another-horse" } }))).toBe("invalid-config");
    expect(Result.isSuccess(given(old).when(importing(document([host("leaf"), { ...web, port: 81 }]))))).toBe(true);
  });

  test("of an older log keeps its secret until somebody allows it, who is named once", () => {
    const old: ReadonlyArray<GraphEvent> = [...history, { type: "node-updated", data: { node: web } }];
    const allowSecretLike = ["web.environment.DB_PASSWORD"];
    const again = importing({
      ...document([host("leaf"), web, service("api")], [runsOn("web", "leaf")]),
      allowSecretLike,
    });
    const allowed: ReadonlyArray<GraphEvent> = [{ type: "secret-like-allowed", data: { fields: allowSecretLike } }];
    expect(given(old).when(again)).toEqual(Result.succeed(allowed));
    expect(given([...old, ...allowed]).when(again)).toEqual(Result.succeed([]));
  });

  test("takes no secret by a condition either", () => {
    expect(Result.isFailure(applyChanges(start, [{ type: "add-node", node: { ...web, id: "other" } }]))).toBe(true);
  });

  test("has no secret in an event, whatever commands came", () => {
    const secret = fc.constantFrom(
      token,
      "nats://u:correct-horse@h",
      "--password=correct-horse",
      "TOKEN=correct-horse",
    );
    const command = fc.tuple(secret, fc.boolean(), fc.nat(5)).map(([found, hidden, kind]): Command => {
      const text = hidden ? found : "plain";
      const id = `n${kind}`;
      if (kind === 0) return importing({ ...start, description: text });
      if (kind === 1) return { type: "update-node", payload: { id: "web", changes: { args: ["a", text] } } };
      if (kind === 2)
        return { type: "connect", payload: { edge: { from: "web", to: "api", type: "data-flow", format: text } } };
      if (kind === 3) return { type: "add-node", payload: { node: host(id, { labels: { a: text } }) } };
      if (kind === 4) return { type: "remove-node", payload: { id: "web" } };
      return {
        type: "add-node",
        payload: { node: service(id, { environment: { [text.replaceAll("=", "_")]: text } }) },
      };
    });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
        let events = history;
        for (const next of commands) {
          const result = given(events).when(next);
          if (Result.isSuccess(result)) events = [...events, ...result.success];
        }
        expect(stateAfter(events)).not.toBeNull();
        expect(JSON.stringify(events)).not.toMatch(/correct-horse|ghp_/);
      }),
      { numRuns: 50 },
    );
  });
});

test("the door reports a secret with its field, in no other message either, and lets through what was allowed", () => {
  const edge = { from: "web", to: "gone", type: "data-flow", id: token } as const;
  const input = { ...document([host("leaf"), web]), edges: [edge] };
  const problems = problemsAtDoor(input);
  expect(problems.filter(({ code }) => code === "invalid-config")).toMatchObject([
    { nodes: [], message: expect.stringContaining("`web/data-flow/gone.id` looks like a secret") },
    { nodes: ["web"], message: expect.stringContaining("`web.environment.DB_PASSWORD` looks like a secret") },
  ]);
  expect(JSON.stringify(problems)).not.toMatch(/correct-horse|ghp_/);
  expect(JSON.stringify(problemsAtDoor(input, ["web.environment.DB_PASSWORD"]))).not.toContain("DB_PASSWORD");
});
