import { defined } from "../domain/kernel/mod.ts";
import { headerNames, isInbox } from "./names.ts";
import type { Refusals } from "./refusals.ts";

/**
 * The micro service protocol of NATS (nats-architecture-and-design, ADR-32): discovery by `$SRV.PING|INFO|STATS`, counts
 * of each endpoint, headers of errors. The backend and every agent answer it with this one implementation.
 *
 * Not `@nats-io/services`: its newest version on the registry (3.0.0-25) needs exactly nats-core 3.0.0-50, which would be
 * a second core beside ours. It counts a request as done when the handler returns. Our handlers only begin the work then,
 * so its processing times would be zero, and its errors none. It stops the whole service when one subscription fails.
 */
export interface MicroService {
  /** One run of the service. */
  readonly id: string;
  readonly name: string;
  /** SemVer. */
  readonly version: string;
  readonly description: string;
  /** Read at each answer. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What callers tried that they may not; read at each answer. Not a part of the protocol. */
  readonly refusals?: Refusals | undefined;
}

/** The key of a service's metadata under which a backend that takes no commands says why. */
export const standsByKey = "stands-by";

/** An endpoint as service discovery shows it. */
export interface EndpointDescription {
  readonly name: string;
  readonly subject: string;
  readonly queueGroup: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** An endpoint with the counts of its requests. */
export class Endpoint {
  readonly description: EndpointDescription;
  #requests = 0;
  #errors = 0;
  #processingTime = 0;
  #lastError: string | undefined;

  constructor(description: EndpointDescription) {
    this.description = description;
  }

  /**
   * Counts one answered request that took `nanoseconds`. `error` is the message if the service failed. A request that a
   * rule refused is not an error: the service did what it should.
   */
  count(nanoseconds: number, error?: string): void {
    this.#requests += 1;
    this.#processingTime += nanoseconds;
    if (error === undefined) return;
    this.#errors += 1;
    this.#lastError = error;
  }

  /** What `$SRV.INFO` says of the endpoint. */
  get info() {
    const { name, subject, queueGroup, metadata } = this.description;
    return defined({ name, subject, queue_group: queueGroup, metadata });
  }

  /** What `$SRV.STATS` says of the endpoint, times in nanoseconds. */
  get statistics() {
    return defined({
      ...this.info,
      num_requests: this.#requests,
      num_errors: this.#errors,
      processing_time: this.#processingTime,
      average_processing_time: this.#requests === 0 ? 0 : Math.round(this.#processingTime / this.#requests),
      last_error: this.#lastError,
    });
  }
}

/** The part of a NATS connection that {@link answerDiscovery} needs. */
interface Connection {
  readonly isClosed: () => boolean;
  readonly subscribe: (
    subject: string,
    options: {
      readonly callback: (
        error: Error | null,
        message: { readonly reply?: string; readonly respond: (data: string) => boolean },
      ) => void;
    },
  ) => { readonly unsubscribe: () => void };
}

/**
 * Answers service discovery, to everyone, by the name and by the id of the service. `endpoints` is called at each answer.
 * Returns the function that ends it.
 */
export const answerDiscovery = (
  nats: Connection,
  service: MicroService,
  endpoints: () => ReadonlyArray<Endpoint>,
): (() => void) => {
  const started = new Date().toISOString();
  const identity = () => {
    const { id, name, version, metadata } = service;
    return { id, name, version, metadata };
  };
  const answers = {
    PING: () => ({ type: "io.nats.micro.v1.ping_response", ...identity() }),
    INFO: () => ({
      type: "io.nats.micro.v1.info_response",
      ...identity(),
      description: service.description,
      endpoints: endpoints().map(({ info }) => info),
    }),
    STATS: () => ({
      type: "io.nats.micro.v1.stats_response",
      ...identity(),
      started,
      endpoints: endpoints().map(({ statistics }) => statistics),
      ...defined({ refusals: service.refusals }),
    }),
  };
  const subscriptions = Object.entries(answers).flatMap(([verb, answer]) =>
    [verb, `${verb}.${service.name}`, `${verb}.${service.name}.${service.id}`].map((subject) =>
      nats.subscribe(`$SRV.${subject}`, {
        callback: (_, message) => {
          if (!nats.isClosed() && isInbox(message.reply ?? "")) message.respond(JSON.stringify(answer()));
        },
      }),
    ),
  );
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
};

/** The most characters of an error in a header: headers count as a part of the message, whose size is limited. */
const longestError = 200;

/**
 * Returns the headers of an error response. They let a caller see a failure without reading the payload. `code` is a
 * number as of HTTP. At most 1,024 bytes.
 */
export const serviceErrorHeaders = (code: number, message: string): Readonly<Record<string, string>> => ({
  [headerNames.serviceErrorCode]: String(code),
  [headerNames.serviceError]: message.slice(0, longestError).replaceAll(/\p{Cc}+/gu, " "),
});
