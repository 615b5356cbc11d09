import { headers, Match, type Msg, type MsgHdrs, nuid, type Subscription } from "@nats-io/nats-core";
import { Cause, Clock, Context, Effect, Exit, FiberSet, Layer, Option } from "effect";
import { CommandError } from "../../application/command-error.ts";
import { inSlices } from "../../application/time-slices.ts";
import { externalSpan } from "../../application/trace-context.ts";
import { overloadedReason, serviceErrorCodeOf } from "../../contract/envelope.ts";
import {
  answerDiscovery,
  Endpoint,
  type EndpointDescription,
  serviceErrorHeaders,
  standsByKey,
} from "../../contract/micro-service.ts";
import { headerNames, isInbox, serviceName } from "../../contract/names.ts";
import { attemptCode, RefusalCounts } from "../../contract/refusals.ts";
import { defined, jsonInSteps, visible } from "../../domain/kernel/mod.ts";
import { type Claim, type Limits, WaitingLine } from "../waiting-line.ts";
import { NatsConnection } from "./connection.ts";
import { type Absence, replacement } from "./replacement.ts";

/** Counts the outcomes of the requests of one endpoint. */
type RegisteredEndpoint = Pick<Endpoint, "count">;

/** The backend as a NATS micro service, which answers service discovery; see `contract/micro-service.ts`. */
export class MicroService extends Context.Service<
  MicroService,
  {
    readonly register: (endpoint: EndpointDescription) => RegisteredEndpoint;
    /** Attempts that callers had no right to. Service discovery shows them. */
    readonly refusals: RefusalCounts;
    /** While this backend stands by, requests go to another backend, if there is one. */
    readonly replaced: Absence;
  }
>()("cim/infrastructure/nats/MicroService") {
  /** `version` is that of the service, in SemVer. */
  static readonly layer = (version: string): Layer.Layer<MicroService, never, NatsConnection> =>
    Layer.effect(
      MicroService,
      Effect.gen(function* () {
        const { nc, names } = yield* NatsConnection;
        const endpoints: Array<Endpoint> = [];
        const refusals = new RefusalCounts();
        const id = nuid.next();
        const { absence, reason } = yield* replacement(nc, names.prefix, id);
        const service = {
          name: serviceName,
          id,
          version,
          description: "CIM Leaf: commands, queries and events of a leaf",
          get metadata() {
            return defined({ [standsByKey]: reason() });
          },
          get refusals() {
            return refusals.all;
          },
        };
        yield* Effect.acquireRelease(
          Effect.sync(() => answerDiscovery(nc, service, () => endpoints)),
          (end) => Effect.sync(end),
        );
        return {
          refusals,
          replaced: absence,
          register: (description) => {
            const endpoint = new Endpoint(description);
            endpoints.push(endpoint);
            return { count: (nanoseconds, error) => endpoint.count(nanoseconds, error) };
          },
        };
      }),
    );
}

/** Requests beyond these limits are refused at once. So memory is bounded, and no asker waits behind another one. */
const usualLimits: Limits = {
  working: 256,
  workingOfOneAsker: 128,
  // Commands on one aggregate are decided one after another anyway.
  workingAtOneTarget: 8,
  waiting: 16_384,
  waitingOfOneAsker: 4_096,
  waitingAtOneTarget: 2_048,
  bytes: 256 * 1024 * 1024,
  bytesOfOneAsker: 64 * 1024 * 1024,
};
/** A request that has waited longer than this, in milliseconds, is refused: its caller has given up or asked again. */
const longestWait = 10_000;
/** A backend that does not reach the log leaves the queue group after these milliseconds. An election takes less. */
const leaveAfter = 8_000;
/** A larger answer, in bytes, keeps its place until the server has read it. Otherwise answers would fill the memory. */
const largeAnswer = 64 * 1024;
/** How long a shutdown waits for the requests under way. */
const farewell = "10 seconds";

/** A request that waits for its turn. It is a message, because a fiber would cost more. */
interface Arrived {
  readonly message: Msg;
  /** When it arrived, by `performance.now()`. */
  readonly since: number;
}

/** Returns a header, in any case of letters; undefined if it is absent. */
export const header = (headers: MsgHdrs | undefined, name: string): string | undefined => {
  if (headers === undefined) return undefined;
  // The fast path: the header is spelled as in the contract.
  if (headers.has(name)) return headers.get(name);
  return headers.has(name, Match.IgnoreCase) ? headers.get(name, Match.IgnoreCase) : undefined;
};

const failures: ReadonlyArray<CommandError["code"]> = ["unavailable", "timeout"];

/**
 * Answers the requests on a subject until the scope ends. Several backends share them in a queue group. Every request
 * gets an answer: an internal fault is logged and answered `unavailable`. A refusal has the error headers of micro
 * services. A request whose reply subject is not an inbox is dropped, see {@link isInbox}.
 *
 * While the log cannot be reached from here, requests are answered `unavailable` at once, so that callers try again. If
 * that lasts, this backend leaves the queue group until it reaches the log. Another backend that reaches the log gets
 * all requests meanwhile. This backend also leaves the group while it stands by, if another backend does not.
 */
export const serveRequests = Effect.fnUntraced(function* <A extends object>(
  endpoint: EndpointDescription & {
    /** Returns the caller of a message, and the target that it takes turns at; see {@link WaitingLine}. */
    readonly claim: (message: Msg) => Omit<Claim, "bytes">;
    /** Returns the principal and what it tries to do, if that needs a right. */
    readonly attempt?: (message: Msg) => { readonly principal: string; readonly what: string };
    /** The requests that are worked on at a time: of all askers, and of one. */
    readonly places?: Pick<Limits, "working" | "workingOfOneAsker">;
  },
  answer: (message: Msg) => Effect.Effect<A, CommandError>,
) {
  const { nc, connected, isConnected, reach } = yield* NatsConnection;
  const { claim: claimOf, attempt, places = usualLimits, ...description } = endpoint;
  const { register, replaced, refusals } = yield* MicroService;
  const clock = yield* Clock.Clock;
  const { count } = register(description);
  const fibers = yield* FiberSet.make<unknown>();
  const line = new WaitingLine<Arrived>({ ...usualLimits, ...places });

  const refuse = (message: Msg, error: CommandError) => {
    if (nc.isClosed()) return;
    const refused = refusal(error);
    const text = JSON.stringify(refused);
    const largest = nc.info?.max_payload ?? Number.POSITIVE_INFINITY;
    // The server closes the connection on a larger message.
    if (Buffer.byteLength(text) + headerBytes > largest) return refuse(message, tooLarge(largest));
    const errorHeaders = headers();
    for (const [name, value] of Object.entries(serviceErrorHeaders(serviceErrorCodeOf(error), refused.error.message)))
      errorHeaders.set(name, value);
    message.respond(text, { headers: errorHeaders });
  };

  const reply = (message: Msg, text: string) => {
    if (nc.isClosed()) return;
    const largest = nc.info?.max_payload ?? Number.POSITIVE_INFINITY;
    const bytes = Buffer.from(text);
    if (bytes.length > largest) return refuse(message, tooLarge(largest));
    message.respond(bytes);
  };

  /** Returns the error for the caller. A shutdown interrupts requests, and they also get an answer. */
  const errorOf = (cause: Cause.Cause<CommandError>): CommandError =>
    Option.getOrElse(Cause.findErrorOption(cause), () => (Cause.hasInterruptsOnly(cause) ? shuttingDown : fault));

  const taken = Effect.ignore(Effect.tryPromise(() => nc.flush()));
  const reconnected = Effect.ignore(connected);

  const refuseAttempt = (message: Msg, error: CommandError) => {
    refuse(message, error);
    const code = attempt === undefined ? undefined : attemptCode(error.code, error.details);
    if (attempt !== undefined && code !== undefined)
      refusals.count({ ...attempt(message), code, message: error.message }, clock.currentTimeMillisUnsafe());
  };

  const respond = (message: Msg): Effect.Effect<unknown> =>
    Effect.suspend(() => {
      const start = performance.now();
      const traceparent = header(message.headers, headerNames.traceparent);
      const parent = traceparent === undefined ? undefined : externalSpan(traceparent);
      // An answer may have megabytes.
      const work = Effect.flatMap(
        Effect.suspend(() => answer(message)),
        (answered) => inSlices(() => jsonInSteps({ ok: true, ...answered })),
      );
      const respondTo = (exit: Exit.Exit<string, CommandError>): Effect.Effect<void> => {
        const error = Exit.isSuccess(exit) ? undefined : errorOf(exit.cause);
        const failed = error !== undefined && failures.includes(error.code);
        count((performance.now() - start) * 1e6, failed ? error.message : undefined);
        if (error !== undefined) refuseAttempt(message, error);
        if (Exit.isFailure(exit))
          return error === fault
            ? Effect.logError(`a fault while answering ${endpoint.name}`, exit.cause)
            : Effect.void;
        reply(message, exit.value);
        return exit.value.length > largeAnswer ? taken : Effect.void;
      };
      return Effect.onExitPrimitive(parent === undefined ? work : Effect.withParentSpan(work, parent), (exit) =>
        isConnected()
          ? respondTo(exit)
          : Effect.andThen(
              reconnected,
              Effect.suspend(() => respondTo(exit)),
            ),
      );
    }).pipe(Effect.exit);

  const run = yield* FiberSet.runtime(fibers)();
  const begin = ({ item, claim }: { readonly item: Arrived; readonly claim: Claim }) => {
    if (performance.now() - item.since > longestWait) {
      refuse(item.message, expired);
      return line.done(claim);
    }
    run(respond(item.message)).addObserver(() => {
      line.done(claim);
      beginNext();
    });
  };
  let isBeginning = false;
  /**
   * Gives free places to the next requests. A request that is answered at once frees its place inside the loop. If it
   * began the next one itself, a long line would overflow the stack.
   */
  const beginNext = () => {
    if (isBeginning) return;
    isBeginning = true;
    try {
      for (let taken = line.next(); taken !== undefined; taken = line.next()) begin(taken);
    } finally {
      isBeginning = false;
    }
  };
  const take = (_: Error | null, message: Msg) => {
    // Dropped, because it could not be answered. `$SRV.STATS` counts these and names the last one.
    if (message.reply !== undefined && message.reply !== "" && !isInbox(message.reply)) {
      return count(0, `a request with a reply subject that is not an inbox: ${message.reply.slice(0, 100)}`);
    }
    if (reach.trouble !== undefined) {
      count(0, reach.trouble);
      return refuse(message, outOfReach(reach.trouble));
    }
    const claim = { ...claimOf(message), bytes: message.data.length };
    if (line.add({ message, since: performance.now() }, claim)) return beginNext();
    refuse(message, overloaded);
    count(0, overloaded.message);
  };
  const join = () => nc.subscribe(endpoint.subject, { queue: endpoint.queueGroup, callback: take });
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      memberUnless(
        [
          { absence: reach, patience: leaveAfter },
          { absence: replaced, patience: 0 },
        ],
        join,
      ),
    ),
    (leave) =>
      Effect.promise(() => (nc.isClosed() ? Promise.resolve() : leave())).pipe(
        Effect.andThen(FiberSet.awaitEmpty(fibers)),
        Effect.timeoutOption(farewell),
        Effect.andThen(
          Effect.sync(() => {
            for (const { message } of line.clear()) refuse(message, shuttingDown);
          }),
        ),
      ),
  );
  // The server has the subscription now: each request from here on is answered.
  yield* Effect.ignore(Effect.tryPromise(() => nc.flush()));
});

/** A reason to leave a queue group, once it has lasted for `patience` milliseconds. */
interface Leaving {
  readonly absence: Absence;
  readonly patience: number;
}

/** Joins a queue group, and leaves it while there is a reason. Returns a function that leaves for good. */
export const memberUnless = (
  reasons: ReadonlyArray<Leaving>,
  join: () => Pick<Subscription, "isClosed" | "drain">,
): (() => Promise<void>) => {
  let subscription: ReturnType<typeof join> | undefined = join();
  let leaving: NodeJS.Timeout | undefined;
  const leave = async () => {
    const left = subscription;
    subscription = undefined;
    // Requests that have arrived already are answered.
    if (left?.isClosed() === false) await left.drain();
  };
  const changed = () => {
    clearTimeout(leaving);
    const holding = reasons.filter(({ absence }) => absence.trouble !== undefined);
    if (holding.length === 0) subscription ??= join();
    else {
      const patience = Math.min(...holding.map((one) => one.patience));
      leaving = setTimeout(() => void leave().catch(() => {}), patience).unref();
    }
  };
  const stops = reasons.map(({ absence }) => absence.onChange(changed));
  changed();
  return () => {
    for (const stop of stops) stop();
    clearTimeout(leaving);
    return leave();
  };
};

/** Room for the error headers of a refusing reply. */
const headerBytes = 1_100;

/** Returns the reply of a refusal. Its message is made printable, because it quotes ids and texts of the request. */
const refusal = ({ code, message, details }: CommandError) => ({
  ok: false,
  error: { code, message: visible(message), details: details ?? {} },
});

const unavailable = (message: string) => new CommandError({ code: "unavailable", message });
const outOfReach = (why: string) => unavailable(`the log cannot be reached (${why}): try again`);
const shuttingDown = unavailable("the backend is shutting down: try again");
const overloaded = new CommandError({
  code: "rejected",
  message: "too many of these requests are waiting: try again in 1000 ms",
  details: { reason: overloadedReason, afterMilliseconds: 1_000 },
});
const expired = new CommandError({
  code: "timeout",
  message: `the request waited ${longestWait / 1000} s for its turn and was not started: try again`,
});
const fault = unavailable("the backend had an internal fault, see its log: try again, or report it to the operator");

const tooLarge = (largest: number) =>
  new CommandError({
    code: "rejected",
    message: `the answer is larger than a message may be (${largest} bytes): ask for less at a time`,
    details: { reason: "too-large" },
  });
