import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import { review } from "../../../../src/agents/reviewers/rule.ts";
import {
  databaseExposed,
  needlessPath,
  publicPlaintext,
  secretInEnvironment,
  securityRules,
  unencryptedConnection,
} from "../../../../src/agents/reviewers/security.ts";
import { unpinnedFindings } from "../../../../src/agents/reviewers/unpinned.ts";
import { applyChanges } from "../../../../src/domain/graph/changes.ts";
import type { Node } from "../../../../src/domain/graph/node.ts";
import { connectsTo, database, found, host, runsOn, service } from "./graphs.ts";

const balancer = (more: Partial<Extract<Node, { type: "load-balancer" }>> = {}): Node => ({
  id: "front",
  type: "load-balancer",
  strategy: "random",
  port: 443,
  public: true,
  ...more,
});

test("what stays unpinned is a warning, and the voters decide", () => {
  expect(unpinnedFindings(["nixpkgs", "disko"])).toMatchObject([
    {
      rule: "security/unpinned-inputs",
      severity: "warning",
      message: expect.stringMatching(/`nixpkgs`, `disko`.*cim graph pin/u),
    },
  ]);
  expect(unpinnedFindings()).toEqual([]);
});

describe("public plaintext", () => {
  test("is a public load balancer without TLS, and a public service on a plaintext port", () => {
    const nodes = [balancer(), service("web", { public: true, port: 80 })];
    expect(found(publicPlaintext, nodes)).toMatchObject([{ nodes: ["front"] }, { nodes: ["web"] }]);
  });
  test("is nothing that is private or encrypted", () => {
    const tls = { certificateFile: "/c", keyFile: "/k" };
    const nodes = [balancer({ tls }), service("web", { port: 80 }), service("api", { public: true, port: 443 })];
    expect(found(publicPlaintext, nodes)).toEqual([]);
    expect(found(publicPlaintext, [balancer({ public: false })])).toEqual([]);
  });
});

describe("a database", () => {
  test("that a public load balancer opens is blocking, one that a public service reads a warning", () => {
    const nodes = [balancer(), service("web", { public: true }), service("api"), database("db")];
    const edges = [connectsTo("front", "db"), connectsTo("web", "db"), connectsTo("api", "db")];
    expect(found(databaseExposed, nodes, edges)).toMatchObject([
      {
        severity: "blocking",
        nodes: ["front", "db"],
        edges: ["front/connects-to/db"],
        changes: [{ type: "disconnect", id: "front/connects-to/db" }],
      },
      { severity: "warning", nodes: ["web", "db"] },
    ]);
  });
  test("that a public load balancer opens is mended by removing the path, whatever else is wrong with it", () => {
    const findings = review(securityRules, {
      id: "g",
      nodes: [balancer(), database("db")],
      edges: [connectsTo("front", "db", { port: 5433 })],
    });
    expect(findings.slice(1)).toMatchObject([
      { rule: "security/database-exposed", changes: [{ type: "disconnect", id: "front/connects-to/db/5433" }] },
      {
        rule: "security/unencrypted-connection",
        message: "`front` talks to the database `db` unencrypted: remove the path",
      },
      {
        rule: "security/needless-path",
        message: "`front` may reach port 5433 of `db`, which listens on 5432: remove the path",
      },
    ]);
    for (const found of findings.slice(2)) expect(found).not.toHaveProperty("changes");
  });
  test("without an encrypted connection is mended by replacing the edge with an encrypted one", () => {
    const edge = connectsTo("a", "db", { port: 5432 });
    expect(found(unencryptedConnection, [service("a"), database("db")], [edge])).toMatchObject([
      {
        severity: "warning",
        changes: [
          { type: "disconnect", id: "a/connects-to/db/5432" },
          { type: "connect", edge: { ...edge, encrypted: true } },
        ],
      },
    ]);
  });
  test("that its client reaches over the loopback of one host needs no encryption", () => {
    const nodes = [host("h1"), host("h2"), service("a"), database("db")];
    const edge = connectsTo("a", "db");
    const here = [runsOn("a", "h1"), runsOn("db", "h1"), edge];
    expect(found(unencryptedConnection, nodes, here)).toEqual([]);
    expect(found(unencryptedConnection, [host("h1"), service("a"), database("db")], [edge])).toEqual([]);
    for (const elsewhere of [runsOn("a", "h2"), runsOn("db", "h2")])
      expect(found(unencryptedConnection, nodes, [...here, elsewhere])).toMatchObject([{ severity: "warning" }]);
  });
  test("with an encrypted connection is well, and connections to services are not looked at", () => {
    const edges = [connectsTo("a", "db", { encrypted: true }), connectsTo("a", "b")];
    expect(found(unencryptedConnection, [service("a"), service("b"), database("db")], edges)).toEqual([]);
  });
  test("of any engine is mended alike, but for SQLite databases, which are files", () => {
    const engines = ["mysql", "mongodb", "redis", "sqlite"] as const;
    const nodes = [service("a"), ...engines.map((engine) => database(engine, { engine }))];
    const edges = engines.map((to) => connectsTo("a", to));
    const findings = found(unencryptedConnection, nodes, edges);
    expect(findings.map(({ nodes: [, to] }) => to)).toEqual(["mongodb", "mysql", "redis"]);
    for (const one of findings) expect(one).toMatchObject({ severity: "warning", changes: [{}, {}] });
  });
});

describe("a secret in the environment is blocking:", () => {
  test.each([
    ["PASSWORD", "x"],
    ["db_password", "x"],
    ["API_KEY", "x"],
    ["AWS_ACCESS_KEY", "x"],
    ["API-KEY", "x"],
    ["SECRET_KEY", "x"],
    ["SECRET_KEY_BASE", "x"],
    ["JWT_SECRET_KEY", "x"],
    ["ENCRYPTION_KEY", "x"],
    ["SIGNING_KEY", "x"],
    ["PASSPHRASE", "x"],
    ["PASS", "x"],
    ["DB_PASS", "x"],
    ["MYSQL_PWD", "x"],
    ["DATABASE_URL", "postgresql://shop:hunter2@postgres:5432/shop"],
    ["DATABASE_URL", "jdbc:postgresql://shop:hunter2@h/db"],
    ["DATABASE_URL", "jdbc:postgresql://h/db?user=u&password=p"],
    ["CONNECTION", "Server=h;User=u;Password=p"],
    ["CONNECTION", "host=h user=u password=p"],
    ["CERTIFICATE", "-----BEGIN PRIVATE KEY-----\nMIIE"],
    ["CERTIFICATE", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"],
  ])("%s=%s", (name, value) => {
    expect(found(secretInEnvironment, [service("a", { environment: { [name]: value } })])).toMatchObject([
      { severity: "blocking", nodes: ["a"] },
    ]);
  });
  test.each([
    ["PASSWORD", ""],
    ["PASSWORD_FILE", "/run/secrets/p"],
    ["DATABASE_URL", "postgresql://postgres:5432/shop"],
    ["URL", "https://example.org/a:b@c"],
    ["DATABASE_URL", "jdbc:postgresql://h/db?user=u&password="],
    ["CONNECTION", "host=h passfile=/run/secrets/p"],
    ["CERTIFICATE", "-----BEGIN PUBLIC KEY-----\nMIIE"],
    ["KEYBOARD", "de"],
    ["MONKEY", "x"],
    ["PUBLIC_KEY", "x"],
    ["KEY_PREFIX", "x"],
    ["SECRET_PATH", "/run/secrets/s"],
    ["COMPASS", "x"],
    ["COMPASS_URL", "https://example.org"],
    ["PASSENGER_PORT", "3000"],
    ["PWD", "/srv"],
  ])("but not %s=%s", (name, value) => {
    expect(found(secretInEnvironment, [service("a", { environment: { [name]: value } })])).toEqual([]);
  });
});

describe("a path to a port on which nobody listens", () => {
  test("is needless, and mended by leaving the port out", () => {
    const nodes = [service("a"), service("b", { port: 80 }), service("c")];
    const edges = [
      connectsTo("a", "b", { port: 81, protocol: "http" }),
      connectsTo("c", "b", { port: 80 }),
      connectsTo("a", "c", { port: 9 }),
    ];
    expect(found(needlessPath, nodes, edges)).toMatchObject([
      {
        nodes: ["a", "b"],
        edges: ["a/connects-to/b/81"],
        changes: [
          { type: "disconnect", id: "a/connects-to/b/81" },
          { type: "connect", edge: connectsTo("a", "b", { protocol: "http" }) },
        ],
      },
    ]);
  });

  test("is removed where another leads to the right one; of several the first is kept", () => {
    const nodes = [service("a"), service("b", { port: 80 }), service("c")];
    const edges = [
      connectsTo("a", "b"),
      connectsTo("a", "b", { port: 81 }),
      connectsTo("c", "b", { port: 81 }),
      connectsTo("c", "b", { port: 82 }),
    ];
    expect(found(needlessPath, nodes, edges).map(({ message, changes }) => [message, changes])).toEqual([
      [
        "`a` may reach port 81 of `b`, which listens on 80: remove the path, as another leads to 80",
        [{ type: "disconnect", id: "a/connects-to/b/81" }],
      ],
      [
        "`c` may reach port 81 of `b`, which listens on 80: leave `port` out of the edge",
        [
          { type: "disconnect", id: "c/connects-to/b/81" },
          { type: "connect", edge: connectsTo("c", "b") },
        ],
      ],
      [
        "`c` may reach port 82 of `b`, which listens on 80: remove the path, as another leads to 80",
        [{ type: "disconnect", id: "c/connects-to/b/82" }],
      ],
    ]);
  });

  test("is found where the target has the usual port of its engine, and not where it listens on others besides", () => {
    const bus = (id: string, engine: "kafka" | "rabbitmq"): Node => ({ id, type: "message-bus", engine });
    const nodes = [
      host("h"),
      service("a"),
      database("db"),
      database("file", { engine: "sqlite" }),
      bus("kafka", "kafka"),
      bus("rabbit", "rabbitmq"),
    ];
    const edges = [
      connectsTo("a", "db", { port: 5432 }),
      { ...connectsTo("a", "db", { port: 5433 }), id: "odd" },
      connectsTo("a", "file", { port: 1 }),
      connectsTo("a", "kafka", { port: 9093 }),
      connectsTo("a", "kafka", { port: 9999 }),
      connectsTo("a", "rabbit", { port: 15_692 }),
    ];
    expect(found(needlessPath, nodes, edges)).toMatchObject([
      { nodes: ["a", "db"], edges: ["odd"] },
      { nodes: ["a", "kafka"], edges: ["a/connects-to/kafka/9999"] },
    ]);
  });

  test("of a database is mended together with its encryption", () => {
    const document = {
      id: "g",
      nodes: [host("h"), host("h2"), service("a"), database("db")],
      edges: [runsOn("a", "h"), runsOn("db", "h2"), connectsTo("a", "db", { port: 5433 })],
    };
    const findings = review([unencryptedConnection, needlessPath], document);
    expect(findings.map(({ rule }) => rule)).toEqual(["security/unencrypted-connection", "security/needless-path"]);
    const every = findings.flatMap(({ changes = [] }) => changes);
    for (const changes of [every, findings[1]?.changes ?? []])
      expect(Result.getOrThrow(applyChanges(document, changes)).edges).toContainEqual(
        connectsTo("a", "db", { encrypted: true }),
      );
  });
});
