import type { Msg } from "@nats-io/nats-core";
import { Effect, Layer } from "effect";
import { CommandHandling } from "../../application/command-handling.ts";
import { Digests } from "../../application/ports/mod.ts";
import { parseCommand } from "./command-endpoint-request.ts";
import { NatsConnection } from "./connection.ts";
import { serveRequests } from "./micro-service.ts";

/** Answers commands: requests on `cim.cmd.<principal>.<aggregate>.<id>.<command>`. */
export const commandEndpoint = Layer.effectDiscard(
  Effect.gen(function* () {
    const { names } = yield* NatsConnection;
    const handling = yield* CommandHandling;
    const { verify } = yield* Digests;
    const answer = (message: Msg) => Effect.flatMap(Effect.fromResult(parseCommand(message, verify)), handling.handle);
    yield* serveRequests(
      { name: "commands", subject: names.subjects.allCommands, queueGroup: names.queues.commands },
      answer,
    );
  }),
);
