import { Effect, Queue } from "effect";
import { ReadModels } from "../../application/read-models.ts";
import { standingOf } from "../../domain/principal/standing.ts";
import { messageOf } from "../message-of.ts";
import { NatsConnection } from "../nats/connection.ts";
import { currentAccounts, stopUsers } from "./mod.ts";
import { pushAccounts } from "./push.ts";

/** How often it is looked whether the server lets in whom it should, besides after each change. */
const lookEvery = "30 seconds";

/**
 * Keeps suspended principals out of the nats-server. The backend refuses their commands anyway. But what reads, and what
 * peers say among themselves, does not come to the backend, so their connections are ended too, and their credentials count
 * no more until they are reinstated. It compares everything each time, so that nothing is missed that happened while no
 * backend ran, or no server answered.
 */
export const runStoppedUsers = Effect.fnUntraced(function* (folder: string) {
  const { nc, names, settings } = yield* NatsConnection;
  const readModels = yield* ReadModels;
  const wanted = yield* Queue.sliding<void>(1);
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      nc.subscribe(names.subjects.feedOf({ aggregate: "principal" }), {
        callback: () => void Queue.offerUnsafe(wanted, undefined),
      }),
    ),
    (subscription) => Effect.sync(() => subscription.unsubscribe()),
  );
  /** Whether the server still has to be told of what was written. */
  let untold = true;

  const look = Effect.gen(function* () {
    const principals = yield* readModels.upToDate("principals");
    const stopped = new Set<string>();
    for (const [id, document] of principals) if (standingOf(document, []).stopped !== undefined) stopped.add(id);
    const changed = yield* Effect.tryPromise(() => stopUsers(folder, stopped));
    if (changed !== undefined) untold = true;
    if (!untold) return;
    const told = yield* Effect.tryPromise(() =>
      currentAccounts(folder).then((accounts) => pushAccounts(folder, settings.servers, accounts)),
    );
    untold = !told;
    if (untold) yield* Effect.logWarning("no nats-server takes the news of who is suspended: it is tried again");
  });

  yield* look.pipe(
    Effect.catch((error) => Effect.logWarning(`suspended principals may still be connected: ${messageOf(error)}`)),
    Effect.andThen(Effect.timeoutOption(Queue.take(wanted), lookEvery)),
    Effect.forever,
  );
}, Effect.scoped);
