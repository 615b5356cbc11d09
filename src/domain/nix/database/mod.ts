import type { DatabaseNode } from "../../graph/node.ts";
import { byEngine } from "../engines.ts";
import { type MongodbSpecification, mongodb } from "./mongodb/mod.ts";
import { type MysqlSpecification, mysql } from "./mysql/mod.ts";
import { type PostgresqlSpecification, postgresql } from "./postgresql/mod.ts";
import { type RedisSpecification, redis } from "./redis/mod.ts";
import { type SqliteSpecification, sqlite } from "./sqlite/mod.ts";

/** What each engine becomes. An engine more is a file, a line here and one in {@link database}. */
interface Specifications {
  postgresql: PostgresqlSpecification;
  mysql: MysqlSpecification;
  mongodb: MongodbSpecification;
  redis: RedisSpecification;
  sqlite: SqliteSpecification;
}

export type DatabaseSpecification = Specifications[DatabaseNode["engine"]];

/** Databases become what NixOS has for their engine. */
export const database = byEngine<DatabaseNode, Specifications>({ postgresql, mysql, mongodb, redis, sqlite });
