import { Schema } from "effect";
import { Port } from "../graph/values.ts";
import { Name } from "../kernel/mod.ts";

/**
 * How a deployer or monitor sees that a node is well on its host: a port answers, a command succeeds, or its unit runs
 * and is not started again and again. Times in seconds; `retries` after the first try.
 */
export const Check = Schema.Struct({
  node: Name,
  kind: Schema.Literals(["http", "tcp", "exec", "unit"]),
  port: Schema.optionalKey(Port),
  path: Schema.optionalKey(Schema.String),
  command: Schema.optionalKey(Schema.String),
  /** With its suffix. */
  unit: Schema.optionalKey(Schema.String),
  intervalSeconds: Schema.Finite,
  timeoutSeconds: Schema.Finite,
  retries: Schema.Int,
});
export type Check = typeof Check.Type;
