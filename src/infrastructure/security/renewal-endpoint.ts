import { Effect, Layer } from "effect";
import { Authority } from "../../application/authority.ts";
import { CommandError } from "../../application/command-error.ts";
import { identityIn, jwtIn, type RenewalReply } from "../../contract/credentials.ts";
import { messageOf } from "../message-of.ts";
import { NatsConnection } from "../nats/connection.ts";
import { serveRequests } from "../nats/micro-service.ts";
import { renewedCredentials, SecurityFailed } from "./mod.ts";

const principalOf = (subject: string): string => subject.split(".")[2] ?? "";

/**
 * Signs the keys of peers again before their credentials end: requests on `cim.renew.<principal>`. The server lets only the
 * principal itself ask, with credentials that still hold. So whoever comes at least once in their second half goes on for
 * ever, and who stays away, or was revoked or suspended, does not.
 */
export const renewalEndpoint = (folder: string) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const { names } = yield* NatsConnection;
      const authority = yield* Authority;
      const answer = Effect.fnUntraced(function* (principal: string) {
        const { stopped } = yield* authority.standingOf(principal);
        if (stopped !== undefined)
          return yield* new CommandError({
            code: "unauthorized",
            message: `the credentials of \`${principal}\` are not renewed: it is ${stopped}`,
          });
        const text = yield* Effect.tryPromise({
          try: () => renewedCredentials(folder, principal),
          catch: (error) =>
            new CommandError({
              code: error instanceof SecurityFailed ? "rejected" : "unavailable",
              message: messageOf(error),
            }),
        });
        const [jwt = "", endsAt = 0] = [jwtIn(text), identityIn(text)?.endsAt];
        return { jwt, endsAt: new Date(endsAt).toISOString() } satisfies Omit<typeof RenewalReply.Type, "ok">;
      });
      yield* serveRequests(
        {
          name: "renewals",
          subject: names.subjects.allRenewals,
          queueGroup: names.queues.queries,
          claim: ({ subject }) => ({ asker: principalOf(subject) }),
          attempt: ({ subject }) => ({ principal: principalOf(subject), what: "renew" }),
        },
        ({ subject }) => answer(principalOf(subject)),
      );
    }),
  );
