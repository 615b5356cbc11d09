import { resolve } from "node:path";
import { Cause, Context, Effect, Exit, Layer } from "effect";
import { verify } from "../../../application/operations/verify/mod.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { digestsLayer } from "../../../infrastructure/digests.ts";
import type { Following } from "../../../infrastructure/nats/backup/backup.ts";
import type { LogEnd } from "../../../infrastructure/nats/backup/line.ts";
import { readBack } from "../../../infrastructure/nats/backup/restore.ts";
import { NatsConnection } from "../../../infrastructure/nats/connection.ts";
import { embeddedServer } from "../../../infrastructure/nats/embedded-server/mod.ts";
import { closedConfiguration } from "../../../infrastructure/security/mod.ts";
import { backendAccess } from "../connection.ts";
import { CliFailure, messageOf } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { makeLive } from "../live.ts";
import { logging } from "../up.ts";
import type { StoreOptions } from "./store-option.ts";

/**
 * Opens a connection to the streams themselves: to the server of `--nats`, or to one that runs on the folder of `--store`
 * meanwhile. In a closed installation it needs the rights of a backend.
 */
export const withStore = async <A>(
  { settings, host }: Invocation,
  { store, replicas }: StoreOptions,
  use: (connection: NatsConnection["Service"]) => Promise<A>,
): Promise<A> => {
  const access = await backendAccess(settings, host.env);
  const { secure } = settings;
  const closed = secure === undefined ? undefined : () => closedConfiguration(secure);
  const program = Effect.gen(function* () {
    const server =
      store === undefined ? undefined : yield* embeddedServer({ store: resolve(store), ...defined({ closed }) });
    const where = server === undefined ? access : { ...access, servers: server.url };
    const layer = NatsConnection.layer({ ...where, prefix: settings.prefix, name: "cim", ...defined({ replicas }) });
    const connection = Context.get(yield* Layer.build(layer), NatsConnection);
    return yield* Effect.tryPromise({ try: () => use(connection), catch: (error) => error });
  });
  const exit = await Effect.runPromiseExit(program.pipe(Effect.scoped, Effect.provide(logging("Warn"))), {
    signal: host.signal,
  });
  if (Exit.isSuccess(exit)) return exit.value;
  const error = Cause.squash(exit.cause);
  if (error instanceof CliFailure || host.signal.aborted) throw error;
  const message = messageOf(error).replace(
    /: start one or leave out --nats$/,
    ": start it, give --nats, or name the folder of an installation that is not running with --store",
  );
  throw new CliFailure(message, { cause: error });
};

/** How often progress is shown: on a terminal, and in a file, where each is a line. In milliseconds. */
const redrawEvery = 200;
const lineEvery = 10_000;

const count = (value: number): string => value.toLocaleString("en-US");

/** Runs a piece of work, and shows on standard error how far it is. */
export const withProgress = async <A>(
  { output, signal }: Pick<Invocation, "output" | "signal">,
  what: string,
  work: (following: Following) => Promise<A>,
): Promise<A> => {
  const live = makeLive(output);
  const every = output.live && !output.json ? redrawEvery : lineEvery;
  const began = performance.now();
  let shownAt = began;
  const onPosition = (position: number, end?: number) => {
    const now = performance.now();
    if (now - shownAt < every) return;
    shownAt = now;
    const far = `position ${count(position)}${end === undefined ? "" : ` of ${count(end)}`}`;
    const speed = `${count(Math.round(position / ((now - began) / 1000)))}/s`;
    if (every === redrawEvery) live.status(what, `${far}, ${speed}`);
    else output.note(`${what}: ${far}, ${speed}`);
  };
  try {
    return await work({ onPosition, signal });
  } finally {
    live.end();
  }
};

/** Reads the log of the store from its beginning, as `cim audit verify` does, and compares it with the file's. */
export const verified = (connection: NatsConnection["Service"], end: LogEnd, following: Following) => {
  const whole = { seen: [{ by: "the file", position: end.to }] };
  const program = verify(readBack(connection, end, following), whole).pipe(Effect.provide(digestsLayer));
  return Effect.runPromise(program, { signal: following.signal });
};

export type Verified = Awaited<ReturnType<typeof verified>>;

/** Fails if a log has findings that nobody has accepted. The store stays unusable then. */
export const acceptFindings = (what: string, { first, findings }: Verified, accepted: boolean): void => {
  if (first === undefined || accepted) return;
  const more = findings.length === 1 ? "" : ` and ${findings.length - 1} more`;
  throw new CliFailure(
    `${what} is the same log, but it does not verify: position ${first.position}: ${first.problem}${more}; if \`cim audit verify\` said so before, run this again with --with-findings; no backend starts on the store until then`,
  );
};
