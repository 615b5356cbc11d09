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
 * Answers requests on `cim.renew.<principal>`: it signs the keys of peers again before their credentials end. The
 * server lets only the principal itself ask, with credentials that are still valid. So a peer that connects at least
 * once in their second half keeps its access. A peer that stays away, or was revoked or suspended, loses it.
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
