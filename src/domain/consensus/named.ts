import { Schema } from "effect";
import { List, Principal, Role } from "../kernel/mod.ts";

/** Those whom a policy names for an act of their own: principals, and whoever has one of the roles. */
export const Named = Schema.Struct({
  principals: Schema.optionalKey(List(Principal).check(Schema.isUnique())),
  roles: Schema.optionalKey(List(Role).check(Schema.isUnique())),
}).annotate({ identifier: "Named" });
export type Named = typeof Named.Type;

/** Whether a principal with these roles is one of those named. */
export const isNamed = ({ principals = [], roles = [] }: Named, id: string, has: ReadonlySet<Role>): boolean =>
  principals.includes(id) || roles.some((role) => has.has(role));

/** Returns those named, in words: `\`ann\`, or whoever has the role \`admin\``. */
export const namedText = ({ principals = [], roles = [] }: Named): string =>
  [...principals.map((id) => `\`${id}\``), ...roles.map((role) => `whoever has the role \`${role}\``)].join(", or ") ||
  "nobody";
