import { type Msg, nuid } from "@nats-io/nats-core";
import { Clock, Context, Effect, Layer } from "effect";
import { NatsConnection } from "./connection.ts";

/** What an endpoint counts; times in nanoseconds. */
export class EndpointStatistics {
  #requests = 0;
  #errors = 0;
  #processingTime = 0;
  #lastError: string | undefined;

  /** Counts one answered request; `error` where the service itself failed. */
  count(nanoseconds: number, error?: string) {
    this.#requests += 1;
    this.#processingTime += nanoseconds;
    if (error === undefined) return;
    this.#errors += 1;
    this.#lastError = error;
  }

  get values() {
    return {
      num_requests: this.#requests,
      num_errors: this.#errors,
      processing_time: this.#processingTime,
      average_processing_time: this.#requests === 0 ? 0 : Math.round(this.#processingTime / this.#requests),
      ...(this.#lastError === undefined ? {} : { last_error: this.#lastError }),
    };
  }
}

/** An endpoint as service discovery shows it. */
export interface EndpointDescription {
  readonly name: string;
  readonly subject: string;
  readonly queueGroup: string;
}

const serviceName = "cim";

/**
 * The backend as a NATS micro service: `$SRV.PING|INFO|STATS`, also with `.cim` and `.cim.<instance>`, answer.
 *
 * The protocol is NATS ADR-32, here by hand: `@nats-io/services` brings a client core of its own, and counts a request
 * as done when its handler returns, which for ours is when the work begins.
 */
export class MicroService extends Context.Service<
  MicroService,
  { readonly register: (endpoint: EndpointDescription) => EndpointStatistics }
>()("cim/infrastructure/nats/MicroService") {
  /** `version` is that of the service, in SemVer. */
  static readonly layer = (version: string): Layer.Layer<MicroService, never, NatsConnection> =>
    Layer.effect(
      MicroService,
      Effect.gen(function* () {
        const { nc } = yield* NatsConnection;
        const endpoints = new Map<EndpointDescription, EndpointStatistics>();
        const identity = { name: serviceName, id: nuid.next(), version, metadata: {} };
        const started = new Date(yield* Clock.currentTimeMillis).toISOString();
        const answers = {
          PING: () => ({ type: "io.nats.micro.v1.ping_response", ...identity }),
          INFO: () => ({
            type: "io.nats.micro.v1.info_response",
            ...identity,
            description: "CIM Leaf: commands, queries and events of a leaf",
            endpoints: [...endpoints.keys()].map(described),
          }),
          STATS: () => ({
            type: "io.nats.micro.v1.stats_response",
            ...identity,
            started,
            endpoints: [...endpoints].map(([endpoint, statistics]) => ({
              ...described(endpoint),
              ...statistics.values,
            })),
          }),
        };
        for (const [verb, answer] of Object.entries(answers)) {
          const callback = (_: Error | null, message: Msg) => {
            if (!nc.isClosed()) message.respond(JSON.stringify(answer()));
          };
          for (const subject of [verb, `${verb}.${serviceName}`, `${verb}.${serviceName}.${identity.id}`]) {
            yield* Effect.acquireRelease(
              Effect.sync(() => nc.subscribe(`$SRV.${subject}`, { callback })),
              (subscription) => Effect.sync(() => subscription.unsubscribe()),
            );
          }
        }
        return {
          register: (endpoint) => {
            const statistics = new EndpointStatistics();
            endpoints.set(endpoint, statistics);
            return statistics;
          },
        };
      }),
    );
}

const described = ({ name, subject, queueGroup }: EndpointDescription) => ({ name, subject, queue_group: queueGroup });
