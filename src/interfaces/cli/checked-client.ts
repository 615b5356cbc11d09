import { Result, Schema, SchemaIssue } from "effect";
import type { Client } from "../../agents/kit/mod.ts";
import { publishedViews } from "../../contract/views/mod.ts";
import type { PublishedView } from "../../contract/views/view.ts";
import type { PlainSchema } from "../../domain/kernel/mod.ts";
import { MisfitAnswer } from "./errors.ts";

const views: Readonly<Record<string, PublishedView>> = publishedViews;
const issuesIn = SchemaIssue.makeFormatterStandardSchemaV1();

const nameOf = (part: PropertyKey | { readonly key: PropertyKey }): string =>
  String(typeof part === "object" ? part.key : part);

/** Fails with the first field of `value` that is not what the contract says. */
const check = (what: string, schema: PlainSchema | undefined, value: unknown): void => {
  if (schema === undefined) return;
  const result = Schema.decodeUnknownResult(schema)(value);
  if (Result.isSuccess(result)) return;
  const [issue] = issuesIn(result.failure.issue).issues;
  const field = (issue?.path ?? []).map(nameOf).join(".");
  throw new MisfitAnswer(`${what} does not fit this version of cim (field ${field || "none"}: ${issue?.message})`);
};

/**
 * Returns a client whose answers and documents are checked against the contract where they enter. A backend of another
 * version may send other fields. With the check, such an answer ends the command with the name of the view and the
 * field; without it, a missing field would be printed as nothing or end in a stack trace.
 */
export const checked = (client: Client): Client => ({
  ...client,
  asOf: (moment) => checked(client.asOf(moment)),
  query: async (view, operation, ...asked) => {
    const answer = await client.query(view, operation, ...asked);
    check(`the answer of ${view}.${operation}`, views[view]?.operations[operation]?.answer, answer.data);
    return answer;
  },
  async *watch(view, which, signal) {
    for await (const change of client.watch(view, which, signal)) {
      if (change.document !== undefined) check(`${change.id} of ${view}`, views[view]?.document, change.document);
      yield change;
    }
  },
});
