import { Schema } from "effect";
import { Principal, Role } from "../../domain/kernel/mod.ts";
import { principalFields } from "../../domain/principal/state.ts";
import { documentFields, documentOperations, type PublishedView } from "./view.ts";

export const PrincipalEntry = Schema.Struct({
  ...documentFields,
  id: Principal,
  ...principalFields,
}).annotate({ identifier: "PrincipalEntry" });
export type PrincipalEntry = typeof PrincipalEntry.Type;

/** Who may give a command, if a principal lacks the role for it: to create an aggregate with it, or to change one. */
const ForOthers = Schema.Struct({
  make: Schema.optionalKey(Schema.String),
  change: Schema.optionalKey(Schema.String),
});

/** What a principal may do now. */
export const PrincipalStanding = Schema.Struct({
  id: Principal,
  /** Includes the roles of every principal that was not admitted. Empty while the principal is suspended. */
  roles: Schema.Array(Role),
  capabilities: Schema.Array(Schema.String),
  /** Why the principal may do nothing. */
  stopped: Schema.optionalKey(Schema.String),
  /**
   * The commands (`graph.import`) that the principal's roles do not allow. Other commands may depend on its relation to
   * the aggregate.
   */
  mayNot: Schema.Record(Schema.String, ForOthers),
}).annotate({ identifier: "PrincipalStanding" });
export type PrincipalStanding = typeof PrincipalStanding.Type;

export const principals = {
  description: "The roles of principals, and which principals are suspended.",
  document: PrincipalEntry,
  operations: {
    ...documentOperations("principals", PrincipalEntry, PrincipalEntry),
    standing: {
      description: "What a principal may do under the rules in force now, and who may give the other commands",
      input: Schema.Struct({ id: Principal }),
      answer: PrincipalStanding,
      nowOnly: true,
    },
  },
} satisfies PublishedView;
