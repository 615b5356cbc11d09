import { Result } from "effect";
import type { DatabaseNode } from "../graph/node.ts";
import type { NodeKind } from "./node-kind.ts";
import { type PostgresqlSpecification, postgresql } from "./postgresql.ts";
import { type RedisSpecification, redis } from "./redis.ts";

export type DatabaseSpecification = PostgresqlSpecification | RedisSpecification;

type Engine = DatabaseSpecification["engine"];

/** Databases become what NixOS has for their engine; an engine more is a file and a line in each function here. */
export const database: NodeKind<DatabaseNode, DatabaseSpecification> = {
  unit: (node) => (isEngine(node.engine) ? engines[node.engine].unit(node) : `${node.id}.service`),
  units: (node) => (isEngine(node.engine) ? engines[node.engine].units(node) : []),
  specify: (node, site) =>
    isEngine(node.engine)
      ? engines[node.engine].specify(node, site)
      : Result.fail([
          `the database engine ${node.engine} cannot be deployed yet; use one of ${Object.keys(engines).join(", ")}`,
        ]),
  options: (specification) =>
    specification.engine === "postgresql" ? postgresql.options(specification) : redis.options(specification),
};

const engines = { postgresql, redis };

const isEngine = (engine: string): engine is Engine => Object.hasOwn(engines, engine);
