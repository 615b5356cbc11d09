import { Kvm } from "@nats-io/kv";
import type { Msg } from "@nats-io/nats-core";
import { Clock, Effect, Layer, Option, Result, Schema } from "effect";
import { Authority } from "../../application/authority.ts";
import { CommandError, decodeStrictly, invalidPayload } from "../../application/command-error.ts";
import type { StoreUnavailable } from "../../application/ports/mod.ts";
import { ReadModels } from "../../application/read-models.ts";
import { Arrangement, ArrangementRequest } from "../../contract/arrangements.ts";
import { bucketSettings } from "./buckets.ts";
import { NatsConnection } from "./connection.ts";
import { type MicroService, serveRequests } from "./micro-service.ts";
import { parsePayload } from "./request-json.ts";
import { ensureStream, unavailable } from "./streams.ts";

const decodeRequest = Schema.decodeUnknownResult(ArrangementRequest);
const decodeKept = Schema.decodeUnknownOption(Schema.fromJsonString(Arrangement));

const namesIn = ({ subject }: Msg): { readonly principal: string; readonly graph: string } => {
  const [, , principal = "", graph = ""] = subject.split(".");
  return { principal, graph };
};

const refusal = (code: CommandError["code"], message: string, reason: string) =>
  new CommandError({ code, message, details: { reason } });

const outOfReach = ({ message }: StoreUnavailable) => new CommandError({ code: "unavailable", message });

/**
 * Answers requests on `cim.arrange.<principal>.<graph>`. It keeps the shared arrangements in the bucket
 * `cim_arrangements`. Peers of a closed installation cannot write to a bucket, so the backend writes for the owner and
 * the editors of a graph. Each graph has at most one arrangement, and a missing graph has none. Otherwise a peer could
 * fill the bucket.
 */
export const arrangementEndpoint: Layer.Layer<
  never,
  StoreUnavailable,
  Authority | MicroService | NatsConnection | ReadModels
> = Layer.effectDiscard(
  Effect.gen(function* () {
    const { ask, js, names } = yield* NatsConnection;
    const authority = yield* Authority;
    const readModels = yield* ReadModels;
    const bucket = names.buckets.arrangements;
    yield* ensureStream(bucketSettings(bucket, "Where boxes stand on the canvas of each graph."));
    const kept = yield* Effect.tryPromise({
      try: () => new Kvm(js).open(bucket, { allow_direct: false }),
      catch: unavailable(`the bucket ${bucket}`),
    });

    const read = Effect.fnUntraced(
      function* (graph: string) {
        const entry = yield* ask(() => kept.get(graph));
        return Option.getOrElse(decodeKept(entry?.string() ?? ""), (): Arrangement => ({ boxes: {} }));
      },
      (effect, graph) => Effect.mapError(effect, unavailable(`the arrangement of ${graph}`)),
    );

    const answer = Effect.fnUntraced(function* (message: Msg): Effect.fn.Return<Arrangement, CommandError> {
      const { principal, graph } = namesIn(message);
      const payload = yield* Effect.fromResult(parsePayload(message.data));
      const { boxes } = yield* Effect.fromResult(
        Result.mapError(decodeStrictly(decodeRequest, payload), (problems) => invalidPayload("payload", problems)),
      );
      const { stopped } = yield* authority.standingOf(principal);
      if (stopped !== undefined)
        return yield* refusal("unauthorized", `\`${principal}\` may arrange nothing: it is ${stopped}`, "stopped");
      const document = (yield* readModels.documents("graphs")).documents.get(graph);
      if (document === undefined) return yield* refusal("rejected", `there is no graph \`${graph}\``, "not-found");
      if (boxes === undefined) return yield* Effect.mapError(read(graph), outOfReach);
      if (document.owner !== principal && !document.editors.includes(principal))
        return yield* refusal(
          "unauthorized",
          `\`${principal}\` may not arrange \`${graph}\`, which is for its owner \`${document.owner}\` and its editors`,
          "not-permitted",
        );
      const time = new Date(yield* Clock.currentTimeMillis).toISOString();
      const next: Arrangement = { boxes, by: principal, time };
      const write = ask(() => kept.put(graph, JSON.stringify(next)));
      yield* Effect.mapError(write, (error) => outOfReach(unavailable(`the arrangement of ${graph}`)(error)));
      return next;
    });
    yield* serveRequests(
      {
        name: "arrangements",
        subject: names.subjects.allArrangements,
        queueGroup: names.queues.queries,
        claim: (message) => ({ asker: namesIn(message).principal }),
        attempt: (message) => ({ principal: namesIn(message).principal, what: `arrange ${namesIn(message).graph}` }),
      },
      answer,
    );
  }),
);
