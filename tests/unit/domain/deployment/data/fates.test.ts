import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import { dataFindings } from "../../../../../src/agents/reviewers/data-loss.ts";
import {
  type DataFate,
  fateText,
  isAtRisk,
  losers,
  unforeseen,
} from "../../../../../src/domain/deployment/data/fate.ts";
import { dataFates } from "../../../../../src/domain/deployment/data/mod.ts";
import type { GraphDocument } from "../../../../../src/domain/graph/document.ts";
import { indexOf } from "../../../../../src/domain/graph/graph-index.ts";
import { decodeGraphDocument } from "../../../../../src/domain/graph/problems.ts";
import { defined } from "../../../../../src/domain/kernel/mod.ts";
import { dangers, shop } from "../../../../support/dangers.ts";

const between = (before: GraphDocument, after: GraphDocument, hosts?: ReadonlyArray<string>) => {
  const index = indexOf(before);
  const known = new Map(index.hosts.map(({ id }) => [id, index]));
  return dataFates({ before: known, after: indexOf(after), ...defined({ hosts }) });
};

const textOf = (fates: ReadonlyArray<DataFate>) => fates.filter(isAtRisk).map(fateText);

describe("what becomes of data", () => {
  test("every node that keeps data has a line, and what does not change stays", () => {
    expect(between(shop, shop)).toEqual([
      { host: "north", node: "sessions", fate: "stays" },
      { host: "south", node: "disk", fate: "stays" },
      { host: "south", node: "news", fate: "stays" },
      { host: "south", node: "orders", fate: "stays" },
    ]);
  });

  test.each(dangers.map(({ name, ...danger }) => [name, danger] as const))("%s", (_, { graph, lines }) => {
    const fates = between(shop, graph);
    expect(textOf(fates)).toEqual(lines.map((line) => expect.stringContaining(line.replace("!", ""))));
    const lost = lines.flatMap((line) => (line.startsWith("!") ? [line.slice(1).split(" ")[0] ?? ""] : []));
    expect(losers(fates)).toEqual(lost.sort());
    const blocking = (accepted: ReadonlyArray<string>) =>
      dataFindings(fates, accepted).filter(({ severity }) => severity === "blocking");
    expect(blocking([])).toHaveLength(lost.length);
    expect(blocking(lost)).toEqual([]);
  });

  test("a deployment to one host says nothing of the others", () => {
    const [, version] = dangers.map(({ graph }) => graph);
    expect(textOf(between(shop, version ?? shop, ["north"]))).toEqual([]);
    expect(textOf(between(shop, version ?? shop, ["south"]))).toHaveLength(1);
  });
});

describe("databases that copy each other", () => {
  const graph = (...edges: ReadonlyArray<readonly [string, string, string]>): GraphDocument =>
    Result.getOrThrow(
      decodeGraphDocument({
        id: "shop",
        nodes: [
          ...["a", "b"].map((id, at) => ({ id, type: "host", system: "x86_64-linux", address: `10.1.0.${at + 1}` })),
          ...["left", "right"].map((id) => ({ id, type: "database", engine: "postgresql", version: "16" })),
        ],
        edges: edges.map(([from, type, to]) => ({ from, type, to })),
      }),
    );
  const apart = [
    ["left", "runs-on", "a"],
    ["right", "runs-on", "b"],
  ] as const;

  test("a primary that is made a standby loses what it has to its users", () => {
    expect(textOf(between(graph(...apart), graph(...apart, ["right", "replicates", "left"])))).toEqual([
      expect.stringContaining("right on b becomes empty: it becomes a standby of `left`"),
    ]);
  });

  test("a standby is promoted by hand", () => {
    expect(textOf(between(graph(...apart, ["right", "replicates", "left"]), graph(...apart)))).toEqual([
      expect.stringContaining("right on b stays: it was a standby of `left`"),
    ]);
  });

  test("a host that comes first by its name takes the place of the primary, empty", () => {
    const alone = graph(["left", "runs-on", "b"], ["right", "runs-on", "b"]);
    const both = graph(["left", "runs-on", "b"], ["left", "runs-on", "a"], ["right", "runs-on", "b"]);
    expect(textOf(between(alone, both))).toEqual([
      expect.stringContaining("left on b becomes empty: it becomes a standby of `left` on its first host"),
    ]);
  });
});

test("an acceptance is for what was recorded: other losses, and losses of other nodes, are unforeseen", () => {
  const loss = (node: string, fate: DataFate["fate"] = "empty"): DataFate => ({ host: "a", node, fate, text: "so" });
  const asked = { acceptDataLoss: ["orders"], data: [loss("orders")] };
  expect(unforeseen([loss("orders")], asked)).toEqual([]);
  expect(unforeseen([loss("orders", "destroyed")], asked)).toHaveLength(1);
  expect(unforeseen([loss("sessions")], { ...asked, data: [loss("sessions")] })).toHaveLength(1);
  expect(unforeseen([loss("orders", "left-behind")], {})).toEqual([]);
});
