import { Effect, Queue } from "effect";
import { ReadModels } from "../../application/read-models.ts";
import { standingOf } from "../../domain/principal/standing.ts";
import { messageOf } from "../message-of.ts";
import { NatsConnection } from "../nats/connection.ts";
import { currentAccounts, stopUsers } from "./mod.ts";
import { pushAccounts } from "./push.ts";

/** How often the server's users are compared with the principals, besides after each change. */
const lookEvery = "30 seconds";

/**
 * Keeps suspended principals out of the nats-server. The backend refuses their commands. But reads, and messages
 * between peers, do not pass the backend. So the server ends the connections of suspended principals, and refuses their
 * credentials until they are reinstated. Each run compares all principals. Otherwise a change would be missed if no
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
  /** Whether the server still has to get the accounts that were written. */
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
    if (untold) yield* Effect.logWarning("no nats-server took the list of suspended users: the backend tries again");
  });

  yield* look.pipe(
    Effect.catch((error) => Effect.logWarning(`suspended principals may still be connected: ${messageOf(error)}`)),
    Effect.andThen(Effect.timeoutOption(Queue.take(wanted), lookEvery)),
    Effect.forever,
  );
}, Effect.scoped);
