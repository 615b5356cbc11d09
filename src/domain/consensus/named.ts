import { Schema } from "effect";
import { List, Principal, Role } from "../kernel/mod.ts";

/** The principals that a policy allows a special act, by name or by role. */
export const Named = Schema.Struct({
  principals: Schema.optionalKey(List(Principal).check(Schema.isUnique())),
  roles: Schema.optionalKey(List(Role).check(Schema.isUnique())),
}).annotate({ identifier: "Named" });
export type Named = typeof Named.Type;

/** Returns whether a principal with these roles is named. */
export const isNamed = ({ principals = [], roles = [] }: Named, id: string, has: ReadonlySet<Role>): boolean =>
  principals.includes(id) || roles.some((role) => has.has(role));

/** Returns the named principals in words: `\`ann\`, or whoever has the role \`admin\``. */
export const namedText = ({ principals = [], roles = [] }: Named): string =>
  [...principals.map((id) => `\`${id}\``), ...roles.map((role) => `whoever has the role \`${role}\``)].join(", or ") ||
  "nobody";
