import { describe, expect, test } from "@jest/globals";
import {
  databaseExposed,
  needlessPath,
  publicPlaintext,
  secretInEnvironment,
  unencryptedConnection,
} from "../../../../src/agents/reviewers/security.ts";
import type { Node } from "../../../../src/domain/graph/node.ts";
import { connectsTo, database, found, service } from "./graphs.ts";

const balancer = (more: Partial<Extract<Node, { type: "load-balancer" }>> = {}): Node => ({
  id: "front",
  type: "load-balancer",
  strategy: "random",
  port: 443,
  public: true,
  ...more,
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
      { severity: "blocking", nodes: ["front", "db"], edges: ["front/connects-to/db"] },
      { severity: "warning", nodes: ["web", "db"] },
    ]);
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

test("a path to a port on which nobody listens is needless", () => {
  const nodes = [service("a"), service("b", { port: 80 }), service("c")];
  const edges = [
    connectsTo("a", "b", { port: 81 }),
    connectsTo("c", "b", { port: 80 }),
    connectsTo("a", "c", { port: 9 }),
  ];
  expect(found(needlessPath, nodes, edges)).toMatchObject([{ nodes: ["a", "b"], edges: ["a/connects-to/b/81"] }]);
});
