import { Context, Effect, Layer, Result, Schema } from "effect";
import { damagedReason } from "../contract/envelope.ts";
import { headerNames } from "../contract/names.ts";
import type { AnswerOf, DocumentOf, FullInputOf, OperationName, ViewName } from "../contract/views/mod.ts";
import type { Damage, Operation } from "../contract/views/view.ts";
import type { PlainSchema } from "../domain/kernel/mod.ts";
import { CheckedLog } from "./checked-log.ts";
import { CommandError, decodeStrictly, invalidPayload } from "./command-error.ts";
import type { Documents } from "./live-view.ts";
import { type Moment, PastViews } from "./past-views.ts";
import { ReadModels } from "./read-models.ts";

/** A query to a view. With `minPosition`, the answer includes everything that was appended up to there. */
export interface QueryRequest {
  readonly view: string;
  readonly operation: string;
  readonly input: unknown;
  readonly minPosition?: number;
  /** Asks for the answer at a past moment. */
  readonly at?: Moment;
  /** The most bytes that `data` may have as JSON; without it, any number. */
  readonly room?: number;
}

export interface QueryAnswer {
  /** The answer is complete at least up to this position. */
  readonly position: number;
  readonly data: Schema.Json;
}

/**
 * The answers of a view's operations, typed by the published contract. `documents` are those of the view. An operation
 * that answers in pages ends a page before it exceeds `room` bytes as JSON.
 */
export type AnswersOf<V extends ViewName, R = never> = {
  readonly [O in OperationName<V>]: (
    input: FullInputOf<V, O>,
    documents: Documents<DocumentOf<V>>,
    room: number,
  ) => Effect.Effect<AnswerOf<V, O>, CommandError, R>;
};

/**
 * The answer of any view's operation. A method, because its parameter is then bivariant: operations with different
 * inputs fit into one table. Each gets only input that its own schema decoded, and documents of its own view.
 */
type Answer<R> = {
  answer(input: unknown, documents: Documents, room: number): Effect.Effect<Schema.Json, CommandError, R>;
}["answer"];

/** The schemas of each operation's input, by view and name. */
type Inputs = Readonly<
  Record<string, { readonly operations: Readonly<Record<string, Pick<Operation, "input" | "fromLog" | "nowOnly">>> }>
>;

/** The answer of each operation, by view and name. */
export type Answers<R = never> = Readonly<Record<string, Readonly<Record<string, Answer<R>>>>>;

const noDocuments: Documents = new Map();

/** Answers queries to views. */
export class Queries extends Context.Service<
  Queries,
  { readonly ask: (request: QueryRequest) => Effect.Effect<QueryAnswer, CommandError> }
>()("cim/application/Queries") {
  static readonly layer = <R>(views: Inputs, answers: Answers<R>) => Layer.effect(Queries, makeQueries(views, answers));
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const makeQueries = Effect.fnUntraced(function* <R>(views: Inputs, answers: Answers<R>) {
  const context = yield* Effect.context<R>();
  const readModels = yield* ReadModels;
  const past = yield* PastViews;
  const log = yield* CheckedLog;

  const ask = Effect.fn("query")(function* (request: QueryRequest) {
    const { view, operation, room = Number.POSITIVE_INFINITY } = request;
    yield* Effect.annotateCurrentSpan({ "cim.view": view, "cim.operation": operation });
    const ofView = own(answers, view);
    if (ofView === undefined) return yield* unknown(`there is no view \`${view}\``, Object.keys(answers));
    const answer = own(ofView, operation);
    const form = views[view]?.operations[operation];
    if (answer === undefined || form === undefined)
      return yield* unknown(`view ${view} has no operation \`${operation}\``, Object.keys(ofView));
    const input = decodeStrictly(Schema.decodeUnknownResult(form.input), request.input);
    if (Result.isFailure(input)) return yield* invalidPayload(`${view}.${operation}`, input.failure);
    if (request.at !== undefined) {
      if (form.nowOnly === true) return yield* ofThePresent(`${view}.${operation}`);
      const then = yield* past.at(request.at);
      return yield* then.provide(
        askedThen(then.position, view, answer, withMoment(form.input, input.success, then.position), room),
      );
    }
    if (form.fromLog === true)
      return { position: log.condition.checked, data: yield* answer(input.success, noDocuments, room) };
    if (request.minPosition === undefined) yield* readModels.settled;
    const { position, documents } = yield* readModels.documents(view, request.minPosition);
    const damage = damageOfMissing(view, documents, input.success);
    if (damage !== undefined) return yield* damage;
    return { position, data: yield* answer(input.success, documents, room) };
  });

  const askedThen = Effect.fnUntraced(function* (
    position: number,
    view: string,
    answer: Answer<R>,
    input: unknown,
    room: number,
  ) {
    const { documents } = yield* (yield* ReadModels).documents(view);
    return { position, data: yield* answer(input, documents, room) };
  });

  /**
   * Returns the damage that explains a missing document: the log continues with a commit that its view could not apply.
   */
  const damageOfMissing = (view: string, documents: Documents, input: unknown): CommandError | undefined => {
    const id = typeof input === "object" && input !== null ? Reflect.get(input, "id") : undefined;
    if (typeof id !== "string" || documents.has(id)) return undefined;
    const damage = readModels.damageOf(view, id);
    return damage === undefined ? undefined : damagedDocument(view, id, damage);
  };

  return Queries.of({ ask: (request) => Effect.provideContext(ask(request), context) });
});

/** Returns the input with the moment added, if the operation accepts moments in its input and has none. */
const withMoment = (form: PlainSchema, input: unknown, position: number): unknown => {
  const fields = "fields" in form && typeof form.fields === "object" ? form.fields : undefined;
  if (fields === undefined || fields === null || !("position" in fields)) return input;
  if (typeof input !== "object" || input === null || "position" in input || "time" in input) return input;
  return { ...input, position };
};

const ofThePresent = (name: string) =>
  new CommandError({
    code: "rejected",
    message: `${name} is only about the present: ask it without ${headerNames.at}`,
    details: { reason: "now-only" },
  });

const damagedDocument = (view: string, id: string, { position, problem }: Damage) =>
  new CommandError({
    code: "unavailable",
    message: `${view} has no document \`${id}\`, because position ${position} of the log does not fit (${problem}): \`cim audit verify\` shows all of it`,
    details: { reason: damagedReason, id, position, problem },
  });

const unknown = (message: string, available: ReadonlyArray<string>) =>
  new CommandError({
    code: "unknown-command",
    message: `${message}: use one of ${available.join(", ")}`,
    details: { available },
  });
