import { describe, expect, test } from "@jest/globals";
import { type JsonSchema, Result, Schema } from "effect";
import fc from "fast-check";
import { fieldProblems, invalidPayload } from "../../../src/application/command-error.ts";
import { contexts } from "../../../src/application/contexts.ts";
import { publishedViews } from "../../../src/contract/views/mod.ts";
import type { PublishedView } from "../../../src/contract/views/view.ts";
import { dialogCommands, dialogEvents } from "../../../src/domain/dialog/contract.ts";
import { graphCommands } from "../../../src/domain/graph/contract.ts";
import { findProblems } from "../../../src/domain/graph/problems.ts";
import { bounds, JsonUpTo, List, Text } from "../../../src/domain/kernel/mod.ts";

type Node = JsonSchema.JsonSchema;
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && !Array.isArray(value);
const nodesIn = (value: unknown): ReadonlyArray<Node> => (Array.isArray(value) ? value.filter(isNode) : []);

/** Whether every repetition in a pattern of JSON Schema has an end, and both its ends are anchored. */
const isBoundedPattern = (pattern: unknown): boolean => {
  if (typeof pattern !== "string" || !/^\^.*\$$/u.test(pattern)) return false;
  const bare = pattern.replaceAll(/\\./gu, "x").replaceAll(/\[[^\]]*\]/gu, "x");
  return !/[*+]|\{\d+,\}/u.test(bare);
};

/** Everything in a JSON Schema that may be of any length, by its path. Bounds in `allOf` count for their node. */
const unboundedIn = (schema: Node, definitions: JsonSchema.Definitions): ReadonlyArray<string> => {
  const found: Array<string> = [];
  const walk = (node: Node, path: string, outer: ReadonlyArray<Node>): void => {
    // `{not: null}` is a command without fields: its decider reads nothing of it.
    if (path === "" && isNode(node.not)) return;
    if (typeof node.$ref === "string") {
      const definition = definitions[node.$ref.slice(node.$ref.lastIndexOf("/") + 1)];
      if (definition === undefined) found.push(`${path}: unknown ${node.$ref}`);
      else walk(definition, path, [...outer, node]);
      return;
    }
    const all = [...outer, node, ...nodesIn(node.allOf)];
    const has = (key: string): boolean => all.some((one) => one[key] !== undefined);
    const alternatives = [...nodesIn(node.anyOf), ...nodesIn(node.oneOf)];
    if (alternatives.length > 0) for (const one of alternatives) walk(one, path, outer);
    else if (has("enum") || has("const")) return;
    else if (node.type === "string") {
      if (!has("maxLength") && !all.some(({ pattern }) => isBoundedPattern(pattern))) found.push(`${path}: text`);
    } else if (node.type === "array") {
      if (!has("maxItems") && (isNode(node.items) || !has("prefixItems"))) found.push(`${path}: list`);
      if (isNode(node.items)) walk(node.items, `${path}[]`, []);
      for (const one of nodesIn(node.prefixItems)) walk(one, `${path}[]`, []);
    } else if (node.type === "object") {
      for (const [name, field] of Object.entries(isNode(node.properties) ? node.properties : {}))
        if (isNode(field)) walk(field, `${path}.${name}`, []);
      const entries = [
        ...(isNode(node.additionalProperties) ? [node.additionalProperties] : []),
        ...Object.values(isNode(node.patternProperties) ? node.patternProperties : {}).filter(isNode),
      ];
      if ((entries.length > 0 || node.additionalProperties === true) && !has("maxProperties"))
        found.push(`${path}: keys`);
      for (const one of entries) walk(one, `${path}{}`, []);
    } else if (node.type === undefined && !all.some(({ description }) => /bytes of JSON/u.test(String(description))))
      found.push(`${path}: any JSON`);
  };
  walk(schema, "", []);
  return found;
};

const unbounded = (schema: Schema.Constraint): ReadonlyArray<string> => {
  const document = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" });
  return unboundedIn(document.schema, document.definitions);
};

describe("no public command is larger than its bounds", () => {
  const commands = contexts.flatMap(({ name, commands }) =>
    Object.entries(commands)
      .filter(([, { audience }]) => audience === "public")
      .map(([command, { schema }]) => [`${name} ${command}`, schema] as const),
  );

  test.each(commands)("%s: each text, list, record and JSON value has a bound", (_, schema) => {
    expect(unbounded(schema)).toEqual([]);
  });

  test("the walk finds what has none", () => {
    const forgotten = Schema.Struct({
      text: Schema.String,
      open: Schema.String.check(Schema.isPattern(/^a+$/u)),
      list: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
      record: Schema.Record(Schema.String, Text(3)),
      json: Schema.Json,
      either: Schema.Union([Text(3), List(Schema.String)]),
    });
    expect(unbounded(forgotten)).toEqual([
      ".text: text",
      ".open: text",
      ".list: list",
      ".list[]: text",
      ".record: keys",
      ".json: any JSON",
      ".either[]: text",
    ]);
  });
});

/** The problems of a payload, as a reply lists them. */
const problemsOf = (schema: Schema.Codec<unknown, unknown>, payload: unknown) => {
  const decoded = Schema.decodeUnknownResult(schema)(payload, { errors: "all", onExcessProperty: "error" });
  return decoded._tag === "Failure" ? fieldProblems(decoded.failure) : [];
};

describe("just below and just above a bound", () => {
  const lengths = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: -2, max: 2 }));

  test("texts, lists and JSON values are taken up to it, and not beyond", () => {
    fc.assert(
      fc.property(lengths, ([bound, by]) => {
        const length = Math.max(0, bound + by);
        const isTaken = (schema: Schema.Codec<unknown, unknown>, value: unknown) =>
          problemsOf(schema, value).length === 0;
        expect(isTaken(Text(bound), "x".repeat(length))).toBe(length <= bound);
        expect(
          isTaken(
            List(Schema.Int, bound),
            Array.from({ length }, (_, index) => index),
          ),
        ).toBe(length <= bound);
        expect(isTaken(JsonUpTo(bound + 2), "x".repeat(length))).toBe(length <= bound);
        expect(isTaken(JsonUpTo(2 * bound + 2), "é".repeat(length))).toBe(length <= bound);
      }),
    );
  });

  const participants = (length: number) => Array.from({ length }, (_, index) => `p${index}`);

  test("a dialog has at most 1,000 participants; the refusal names field, bound and remedy", () => {
    const open = (length: number, topic = "t") =>
      problemsOf(dialogCommands.open.schema, { type: "group", topic, participants: participants(length) });
    expect(open(bounds.list)).toEqual([]);
    expect(open(20_000)).toEqual([{ field: "participants", problem: "has more than 1,000 entries: send fewer" }]);
    expect(open(2, "x".repeat(bounds.text))).toEqual([]);
    expect(open(2, "x".repeat(bounds.text + 1))).toEqual([
      {
        field: "topic",
        problem: "has more than 16,384 characters: shorten it, or keep it elsewhere and refer to it",
      },
    ]);
  });

  const service = (id: string, args: ReadonlyArray<string> = []) => ({ id, type: "service", command: "/bin/x", args });

  test("a graph has as many nodes as a message takes; the refusal of a long text names its field", () => {
    const importing = (nodes: ReadonlyArray<object>) =>
      problemsOf(graphCommands.import.schema, { id: "large", nodes, edges: [] });
    expect(importing(Array.from({ length: 50_000 }, (_, index) => service(`s${index}`)))).toEqual([]);
    expect(importing([service("s", ["x".repeat(bounds.graphText)])])).toEqual([]);
    expect(importing([service("s", ["x".repeat(bounds.graphText + 1)])])).toEqual([
      {
        field: "nodes.0.args.0",
        problem: "has more than 262,144 characters: shorten it, or keep it elsewhere and refer to it",
      },
    ]);
    const tooMany = [service("s", Array<string>(bounds.many + 1).fill(""))];
    expect(findProblems({ id: "large", nodes: tooMany, edges: [] })).toContainEqual(
      expect.objectContaining({ message: expect.stringMatching(/`args` has more than 10,000 entries: send fewer$/u) }),
    );
  });

  test("a log that has a larger dialog is still read", () => {
    const opened = {
      type: "group",
      topic: "x".repeat(20_000),
      participants: participants(20_000),
      routing: "broadcast",
      openedBy: "ada",
    };
    expect(problemsOf(dialogEvents["dialog-opened"].schema, opened)).toEqual([]);
  });
});

describe("no query is larger than its bounds", () => {
  const queries = Object.entries<PublishedView>(publishedViews).flatMap(([view, { operations }]) =>
    Object.entries(operations).map(([operation, { input }]) => [`${view} ${operation}`, input] as const),
  );

  test.each(queries)("%s: each text, list, record and JSON value has a bound", (_, schema) => {
    expect(unbounded(schema)).toEqual([]);
  });
});

test("a refusal lists the first problems, and is short however long the names of unknown fields are", () => {
  const problems = Array.from({ length: 50_000 }, (_, at) => ({ field: "x".repeat(10_000), problem: `no ${at}` }));
  const { message, details } = invalidPayload("graph.import", problems);
  expect(details).toHaveLength(100);
  expect(message).toMatch(/^graph\.import: x{300}…: no 0; .*; and 49997 more$/);
  expect(JSON.stringify({ message, details }).length).toBeLessThan(50_000);
});

test("of a small input all problems are found, of a large one the first alone", () => {
  const problemsOf = (count: number) => {
    const payload = { id: "g", nodes: Array.from({ length: count }, () => ({})), edges: [] };
    const decoded = contexts.find(({ name }) => name === "graph")?.decodePayload("import", payload);
    return decoded !== undefined && Result.isFailure(decoded) ? decoded.failure.length : 0;
  };
  expect(problemsOf(10)).toBeGreaterThanOrEqual(10);
  expect(problemsOf(10_000)).toBe(1);
});
