import { Effect, Schema } from "effect";
import { notFound } from "../application/command-error.ts";
import { operations as special } from "../application/operations/mod.ts";
import { operation } from "../application/queries.ts";
import { ListInput } from "../contract/views/view.ts";
import { list } from "../projections/list.ts";
import { views } from "../projections/registry.ts";

const ById = Schema.Struct({ id: Schema.String });

/** What every view answers: one document, and a list of them. */
const general = (view: (typeof views)[number]) => ({
  get: operation({
    input: ById,
    description: `The document of one ${view.name} entry`,
    answer: ({ id }, documents) => {
      const document = documents.get(id);
      return document === undefined
        ? Effect.fail(notFound(view.name.replace(/ies$/, "ys").replace(/s$/, ""), id))
        : Effect.succeed(document);
    },
  }),
  list: operation({
    input: ListInput,
    description: `The documents of ${view.name}, filtered, in pages`,
    answer: (input, documents, room) =>
      Effect.succeed(
        list(
          documents,
          input,
          view.summarize?.bind(view) as ((document: Schema.Json) => Schema.Json) | undefined,
          room,
        ),
      ),
  }),
});

/** Everything that can be asked, by view: what every view answers, and what is special to one. */
export const operations = Object.fromEntries(
  views.map((view) => [view.name, { ...general(view), ...special[view.name] }]),
);
