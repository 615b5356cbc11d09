import { Context, Effect, Layer, Result, Schema } from "effect";
import type { PlainSchema } from "../domain/kernel/mod.ts";
import { CommandError, fieldProblems, invalidPayload } from "./command-error.ts";
import { ReadModels } from "./read-models.ts";

/** A question to a view. `minPosition`: the answer must know what was appended up to there. */
export interface QueryRequest {
  readonly view: string;
  readonly operation: string;
  readonly input: unknown;
  readonly minPosition?: number;
  /** The bytes that `data` may have as JSON; without it, any number. */
  readonly room?: number;
}

export interface QueryAnswer {
  /** The answer holds for the log up to here at least. */
  readonly position: number;
  readonly data: Schema.Json;
}

/**
 * An operation of a view: the form of its input, and the answer from the view's documents. One that answers in pages
 * ends a page where it would have more than `room` bytes as JSON.
 */
export interface Operation<R = never, Input = unknown> {
  readonly input: PlainSchema<Input>;
  readonly description: string;
  answer(
    input: Input,
    documents: ReadonlyMap<string, Schema.Json>,
    room?: number,
  ): Effect.Effect<Schema.Json, CommandError, R>;
}

/** Gives an operation its types. */
export const operation = <Input, R = never>(definition: Operation<R, Input>): Operation<R, Input> => definition;

/** Operations by view and name. */
export type Operations<R = never> = Readonly<Record<string, Readonly<Record<string, Operation<R>>>>>;

const strict = { errors: "all", onExcessProperty: "error" } as const;

/** Answers questions to views. */
export class Queries extends Context.Service<
  Queries,
  { readonly ask: (request: QueryRequest) => Effect.Effect<QueryAnswer, CommandError> }
>()("cim/application/Queries") {
  static readonly layer = <R>(operations: Operations<R>) => Layer.effect(Queries, makeQueries(operations));
}

const makeQueries = Effect.fnUntraced(function* <R>(operations: Operations<R>) {
  const context = yield* Effect.context<R>();
  const readModels = yield* ReadModels;

  const ask = Effect.fn("query")(function* (request: QueryRequest) {
    yield* Effect.annotateCurrentSpan({ "cim.view": request.view, "cim.operation": request.operation });
    const ofView = Object.hasOwn(operations, request.view) ? operations[request.view] : undefined;
    if (ofView === undefined) {
      return yield* unknown(`there is no view \`${request.view}\``, Object.keys(operations));
    }
    const asked = Object.hasOwn(ofView, request.operation) ? ofView[request.operation] : undefined;
    if (asked === undefined) {
      return yield* unknown(`view ${request.view} has no operation \`${request.operation}\``, Object.keys(ofView));
    }
    const input = Schema.decodeUnknownResult(asked.input)(request.input, strict);
    if (Result.isFailure(input)) {
      return yield* invalidPayload(`${request.view}.${request.operation}`, fieldProblems(input.failure));
    }
    const { position, documents } = yield* readModels.documents(request.view, request.minPosition);
    const data = yield* asked.answer(input.success, documents, request.room);
    return { position, data };
  });

  return Queries.of({ ask: (request) => Effect.provideContext(ask(request), context) });
});

const unknown = (message: string, available: ReadonlyArray<string>) =>
  new CommandError({
    code: "unknown-command",
    message: `${message}: use one of ${available.join(", ")}`,
    details: { available },
  });
