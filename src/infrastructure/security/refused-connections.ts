import { connect, credsAuthenticator } from "@nats-io/transport-node";
import { Effect, Layer, Option, Schema } from "effect";
import { Leases } from "../../application/ports/mod.ts";
import { NatsConnection } from "../nats/connection.ts";
import { MicroService } from "../nats/micro-service.ts";
import { readInstallation } from "./folder.ts";
import { authorityOf, systemCredentials } from "./mod.ts";

/** On these subjects a nats-server reports each client that it refused. */
const refusedClients = "$SYS.SERVER.*.CLIENT.AUTH.ERR";
/** The seconds after which the connection is made again, with newly signed credentials. */
const term = 12 * 3_600;
/** The code of these refusals in the counts. */
const code = "connection-refused";

const Refused = Schema.Struct({
  client: Schema.Struct({
    host: Schema.optionalKey(Schema.String),
    user: Schema.optionalKey(Schema.String),
    nkey: Schema.optionalKey(Schema.String),
  }),
  reason: Schema.String,
});
const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Refused));

/** Stands for a client that the server could not name. */
const nobody = "-";

/**
 * Counts the connections that the nats-servers refused: clients without a key, with an old key, or with the key of a
 * revoked user. One backend counts them, on a connection of the system account. A client can claim any name before it
 * is let in. So a refusal shows a name only if a user of the installation has that key.
 */
export const refusedConnections = (folder: string) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const { settings } = yield* NatsConnection;
      const { refusals } = yield* MicroService;
      const leases = yield* Leases;

      const listen = Effect.gen(function* () {
        const credentials = new TextEncoder().encode(yield* Effect.promise(() => systemCredentials(folder, term)));
        const ca = yield* Effect.promise(() => authorityOf(folder));
        const { servers } = settings;
        const nc = yield* Effect.acquireRelease(
          Effect.tryPromise(() =>
            connect({
              servers: typeof servers === "string" ? servers : [...servers],
              name: "cim refused connections",
              authenticator: credsAuthenticator(credentials),
              tls: { ca },
              maxReconnectAttempts: -1,
            }),
          ),
          (connection) => Effect.promise(() => connection.close()),
        );
        const subscription = nc.subscribe(refusedClients);
        yield* Effect.promise(async () => {
          for await (const message of subscription) {
            const { client, reason } = Option.getOrUndefined(decode(message.string())) ?? {};
            if (client === undefined || reason === undefined) continue;
            const { users } = await readInstallation(folder);
            const known = users.find(({ key }) => key === client.nkey || key === client.user);
            const from = client.host === undefined ? reason : `${reason}, from ${client.host}`;
            refusals.count({ principal: known?.name ?? nobody, what: "connect", code, message: from }, Date.now());
          }
        }).pipe(Effect.timeoutOption(`${term} seconds`));
      }).pipe(Effect.scoped, Effect.asVoid);

      yield* Effect.forkScoped(leases.whileHeld("refused-connections", listen));
    }),
  );
