import { Schema } from "effect";
import { Principal } from "../../domain/kernel/mod.ts";
import { principalFields } from "../../domain/principal/state.ts";
import { documentFields, documentOperations, type PublishedView } from "./view.ts";

export const PrincipalEntry = Schema.Struct({
  ...documentFields,
  id: Principal,
  ...principalFields,
}).annotate({ identifier: "PrincipalEntry" });
export type PrincipalEntry = typeof PrincipalEntry.Type;

export const principals = {
  description: "The roles that principals were given, and who is suspended.",
  document: PrincipalEntry,
  operations: documentOperations("principals", PrincipalEntry, PrincipalEntry),
} satisfies PublishedView;
