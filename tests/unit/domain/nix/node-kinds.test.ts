import { expect, test } from "@jest/globals";
import type { DatabaseNode } from "../../../../src/domain/graph/node.ts";
import { byEngine, type NodeKind } from "../../../../src/domain/nix/node-kind.ts";
import { type NodeKinds, programUnitsIn } from "../../../../src/domain/nix/node-kinds.ts";
import { everything } from "./graphs.ts";

type Engine = DatabaseNode["engine"];
type Specifications = { readonly [E in Engine]: { readonly engine: E } };

const kindOf = <E extends Engine>(engine: E): NodeKind<DatabaseNode, { readonly engine: E }> => ({
  unit: ({ id }) => `${id}-${engine}.service`,
  units: ({ id }) => [`${id}-${engine}.service`],
  specify: () => ({ engine }),
  options: () => [],
});

const allButSqlite = {
  postgresql: kindOf("postgresql"),
  mysql: kindOf("mysql"),
  mongodb: kindOf("mongodb"),
  redis: kindOf("redis"),
};

test("each engine of a node type is a kind of its own", () => {
  const database = byEngine<DatabaseNode, Specifications>({ ...allButSqlite, sqlite: kindOf("sqlite") });
  expect(database.unit({ id: "db", type: "database", engine: "mysql" })).toBe("db-mysql.service");
});

test("a missing engine does not compile", () => {
  // @ts-expect-error: sqlite is missing
  byEngine<DatabaseNode, Specifications>(allButSqlite);
  // @ts-expect-error: what sqlite becomes is missing
  type Incomplete = typeof byEngine<DatabaseNode, Omit<Specifications, "sqlite">>;
  const unused: Incomplete | undefined = undefined;
  expect(unused).toBeUndefined();
});

test("a missing node type does not compile", () => {
  const incomplete = (others: Omit<NodeKinds, "storage">): NodeKinds => {
    // @ts-expect-error: storage is missing
    return others;
  };
  expect(incomplete).toBeInstanceOf(Function);
});

test("a node of every type has a unit of its own", () => {
  const unitsOf = programUnitsIn(everything);
  const placed = everything.edges.filter(({ type }) => type === "runs-on");
  expect(placed.length).toBeGreaterThan(6);
  for (const { from, to } of placed) expect(unitsOf(from, to).length).toBeGreaterThan(0);
});
