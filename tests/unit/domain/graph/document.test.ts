// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is Nix's interpolation that is meant
import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import { type Edge, edgeIdentity } from "../../../../src/domain/graph/edge.ts";
import { databaseEngines } from "../../../../src/domain/graph/node-types/database.ts";
import { decodeGraphDocument } from "../../../../src/domain/graph/problems.ts";
import { dependsOn, document, example, exampleNames, host, service } from "./fixtures.ts";

/** Codes and messages of what is wrong with the form of an input. */
const faults = (input: unknown): ReadonlyArray<string> => {
  const result = decodeGraphDocument(input);
  return Result.isFailure(result) ? result.failure.map(({ code, message }) => `${code}: ${message}`) : [];
};

/** The engines of databases, as a message lists them. */
const engines = Object.keys(databaseEngines)
  .map((engine) => `"${engine}"`)
  .join(" | ");

describe("decodeGraphDocument", () => {
  test.each(exampleNames)("reads the example %s", (name) => {
    expect(example(name).id).toBe(name);
  });

  test("keeps every text as it is, and keys that objects inherit", () => {
    const environment = JSON.parse('{"__proto__": "x", "constructor": "${y}", "ü": "\'\'\\n"}');
    const read = Result.getOrThrow(decodeGraphDocument(document([service("web", { environment })])));
    expect(JSON.stringify(read.nodes[0])).toContain(JSON.stringify(environment));
  });

  test("names the field of the type that the node has, and nothing of other types", () => {
    expect(faults({ id: "g", nodes: [{ id: "web", type: "service", command: "x", prot: 80 }], edges: [] })).toEqual([
      "invalid-config: node `web`: there is no field `prot` here: did you mean `port`?",
    ]);
  });

  test("reports all faults at once", () => {
    expect(
      faults({
        id: "g",
        version: 2,
        nodes: [{ id: "web", type: "service", port: 0.5, environment: { A: 1 } }, { id: "x", type: "vm" }, 7],
        edges: [{ from: "web", to: "x", type: "manages", permissions: ["fly"] }, {}],
      }).map((fault) => fault.slice(0, 60)),
    ).toEqual([
      "invalid-config: edges[1]: field `type` is missing: add one of `runs-on`".slice(0, 60),
      "invalid-config: nodes[2]: expected a node whose type is host, service".slice(0, 60),
      "invalid-config: the graph: there is no field `version` here: remove".slice(0, 60),
      "invalid-config: edge `web/manages/x`: field `permissions.0`: expected".slice(0, 60),
      "invalid-config: node `web`: field `command` is missing: add it".slice(0, 60),
      "invalid-config: node `web`: field `environment.A`: expected string: ".slice(0, 60),
      "invalid-config: node `web`: field `port`: expected an integer: correct".slice(0, 60),
      "invalid-config: node `x`: there is no type `vm`: choose `host`, `service`".slice(0, 60),
    ]);
  });

  test.each<[string, object, object, string]>([
    [
      "a field",
      { id: "x", type: "service", comand: "x" },
      {},
      "node `x`: there is no field `comand` here: did you mean `command`?",
    ],
    [
      "a field inside of another",
      { id: "x", type: "service", command: "x", healthCheck: { kind: "exec", timeout_seconds: 3 } },
      {},
      "node `x`: there is no field `healthCheck.timeout_seconds` here: did you mean `timeoutSeconds`?",
    ],
    [
      "a field like no other",
      { id: "x", type: "monitoring", colour: "red" },
      {},
      "node `x`: there is no field `colour` here: remove it, or use one of `id`, `type`, `retentionDays`, `dashboards`, `logs`",
    ],
    [
      "a type of node",
      { id: "x", type: "Data_base" },
      {},
      "node `x`: there is no type `Data_base`: did you mean `database`?",
    ],
    [
      "a type of edge",
      { id: "x", type: "monitoring" },
      { from: "x", to: "y", type: "connect-to" },
      "edge `x/connect-to/y`: there is no type `connect-to`: did you mean `connects-to`?",
    ],
    [
      "a value",
      { id: "x", type: "database", engine: "postgres" },
      {},
      `node \`x\`: field \`engine\`: expected ${engines}: did you mean \`postgresql\`?`,
    ],
  ])("tells what was probably meant by %s", (_, node, edge, message) => {
    const edges = Object.keys(edge).length === 0 ? [] : [edge];
    expect(faults({ id: "g", nodes: [node], edges })).toContain(`invalid-config: ${message}`);
  });

  test.each([[null], [3], ["x"], [[]], [{}]])("refuses %j", (input) => {
    expect(faults(input)).not.toEqual([]);
  });

  test("an end of an edge that no node may have is an edge to nothing", () => {
    expect(faults(document([host("h"), service("web")], [dependsOn("web", "The DB")]))).toEqual([
      "missing-node: edge `web/depends-on/The DB`: there is no node `The DB`: add it or correct the edge",
    ]);
  });
});

describe("edgeIdentity", () => {
  const ends = { from: "a", to: "b" };
  test.each<[Edge, string]>([
    [{ ...ends, type: "runs-on" }, "a/runs-on/b"],
    [{ ...ends, type: "connects-to", protocol: "tcp" }, "a/connects-to/b"],
    [{ ...ends, type: "connects-to", protocol: "tcp", port: 80 }, "a/connects-to/b/80"],
    [{ ...ends, type: "publishes-to", topic: "x.>" }, "a/publishes-to/b/x.>"],
    [{ ...ends, type: "subscribes-to", topic: "x/y", consumerGroup: "g" }, "a/subscribes-to/b/x/y"],
    [{ ...ends, type: "runs-on", id: "mine" }, "mine"],
  ])("%j is %s", (edge, identity) => {
    expect(edgeIdentity(edge)).toBe(identity);
  });
});
