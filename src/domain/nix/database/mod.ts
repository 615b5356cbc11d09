import type { DatabaseNode } from "../../graph/node.ts";
import { byEngine } from "../node-kind.ts";
import { mongodb } from "./mongodb/mod.ts";
import type { MongodbSpecification } from "./mongodb/specification.ts";
import { mysql } from "./mysql/mod.ts";
import type { MysqlSpecification } from "./mysql/specification.ts";
import { postgresql } from "./postgresql/mod.ts";
import type { PostgresqlSpecification } from "./postgresql/specification.ts";
import { redis } from "./redis/mod.ts";
import type { RedisSpecification } from "./redis/specification.ts";
import { sqlite } from "./sqlite/mod.ts";
import type { SqliteSpecification } from "./sqlite/specification.ts";

/**
 * The specification of each engine. If an engine lacks a line here or in {@link database}, the code does not compile.
 */
interface Specifications {
  postgresql: PostgresqlSpecification;
  mysql: MysqlSpecification;
  mongodb: MongodbSpecification;
  redis: RedisSpecification;
  sqlite: SqliteSpecification;
}

export type DatabaseSpecification = Specifications[DatabaseNode["engine"]];

/** The node kind of databases. Each becomes the service that NixOS has for its engine. */
export const database = byEngine<DatabaseNode, Specifications>({ postgresql, mysql, mongodb, redis, sqlite });
