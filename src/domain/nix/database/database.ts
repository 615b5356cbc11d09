import type { DatabaseNode } from "../../graph/node.ts";
import type { NodeKind } from "../node-kind.ts";
import { type MongodbSpecification, mongodb } from "./mongodb.ts";
import { type MysqlSpecification, mysql } from "./mysql.ts";
import { type PostgresqlSpecification, postgresql } from "./postgresql.ts";
import { type RedisSpecification, redis } from "./redis.ts";
import { type SqliteSpecification, sqlite } from "./sqlite.ts";

/** What each engine becomes. An engine more is a file, a line here and one in {@link engines}. */
interface Specifications {
  postgresql: PostgresqlSpecification;
  mysql: MysqlSpecification;
  mongodb: MongodbSpecification;
  redis: RedisSpecification;
  sqlite: SqliteSpecification;
}

type Engine = DatabaseNode["engine"];
type SpecificationOf<E extends Engine = Engine> = { [K in E]: Specifications[K] }[E];

export type DatabaseSpecification = SpecificationOf;

const engines: { readonly [E in Engine]: NodeKind<DatabaseNode, SpecificationOf<E>> } = {
  postgresql,
  mysql,
  mongodb,
  redis,
  sqlite,
};

const engineOf = <E extends Engine>({ engine }: { readonly engine: E }): NodeKind<DatabaseNode, SpecificationOf<E>> =>
  engines[engine];

/** Databases become what NixOS has for their engine. */
export const database: NodeKind<DatabaseNode, DatabaseSpecification> = {
  unit: (node) => engineOf(node).unit(node),
  units: (node, place) => engineOf(node).units(node, place),
  specify: (node, site) => engineOf(node).specify(node, site),
  ownPaths: (node, place) => engineOf(node).ownPaths?.(node, place) ?? [],
  secrets: (specification) => engineOf(specification).secrets?.(specification) ?? [],
  options: (specification) => engineOf(specification).options(specification),
  sharedOptions: (specifications) =>
    [...Map.groupBy(specifications, ({ engine }) => engine).values()].flatMap((alike) => {
      const [first] = alike;
      return first === undefined ? [] : (engineOf(first).sharedOptions?.(alike) ?? []);
    }),
};
