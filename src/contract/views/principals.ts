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

/** Whom a command is for, if somebody does not have the role for it: to make an aggregate by it, or to change one. */
const ForOthers = Schema.Struct({
  make: Schema.optionalKey(Schema.String),
  change: Schema.optionalKey(Schema.String),
});

/** What somebody may do now. */
export const PrincipalStanding = Schema.Struct({
  id: Principal,
  /** Also those that everybody has who was not admitted. None while they are suspended. */
  roles: Schema.Array(Role),
  capabilities: Schema.Array(Schema.String),
  /** Why they may do nothing. */
  stopped: Schema.optionalKey(Schema.String),
  /** The commands (`graph.import`) that no role of theirs is enough for. The others may depend on what they are to the aggregate. */
  mayNot: Schema.Record(Schema.String, ForOthers),
}).annotate({ identifier: "PrincipalStanding" });
export type PrincipalStanding = typeof PrincipalStanding.Type;

export const principals = {
  description: "The roles that principals were given, and who is suspended.",
  document: PrincipalEntry,
  operations: {
    ...documentOperations("principals", PrincipalEntry, PrincipalEntry),
    standing: {
      description: "What somebody may do, as commands are checked now, and whom the other commands are for",
      input: Schema.Struct({ id: Principal }),
      answer: PrincipalStanding,
      nowOnly: true,
    },
  },
} satisfies PublishedView;
