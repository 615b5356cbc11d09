import { defined } from "../domain/kernel/mod.ts";
import { headerNames, isInbox } from "./names.ts";
import type { Refusals } from "./refusals.ts";

/**
 * The micro service protocol of NATS (nats-architecture-and-design, ADR-32): discovery by `$SRV.PING|INFO|STATS`,
 * statistics of each endpoint, headers of errors. The backend and every agent use this one implementation.
 *
 * We do not use `@nats-io/services`, for three reasons. Its newest version on the registry (3.0.0-25) needs exactly
 * nats-core 3.0.0-50, which would be a second core beside ours. It counts a request as done when the handler returns,
 * but our handlers only start the work then: processing times would be zero and errors would not be counted. It also
 * stops the whole service if one subscription fails.
 */
export interface MicroService {
  /** The id of this run of the service. */
  readonly id: string;
  readonly name: string;
  /** SemVer. */
  readonly version: string;
  readonly description: string;
  /** Read at each answer. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The attempts that the service refused, read at each answer. An extension: the protocol does not have it. */
  readonly refusals?: Refusals | undefined;
}

/** The key of a service's metadata with the reason why a backend takes no commands. */
export const standsByKey = "stands-by";

/** An endpoint as service discovery shows it. */
export interface EndpointDescription {
  readonly name: string;
  readonly subject: string;
  readonly queueGroup: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** An endpoint with its statistics. */
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
   * rule refused does not count as an error, because the service worked.
   */
  count(nanoseconds: number, error?: string): void {
    this.#requests += 1;
    this.#processingTime += nanoseconds;
    if (error === undefined) return;
    this.#errors += 1;
    this.#lastError = error;
  }

  /** The endpoint's entry in the answer to `$SRV.INFO`. */
  get info() {
    const { name, subject, queueGroup, metadata } = this.description;
    return defined({ name, subject, queue_group: queueGroup, metadata });
  }

  /** The endpoint's entry in the answer to `$SRV.STATS`, with times in nanoseconds. */
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
 * Answers service discovery for all services, for the name of this service, and for its id. Calls `endpoints` for each
 * answer. Returns a function that stops it.
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

/** The most characters of an error in a header. Headers count towards the limited size of a message. */
const longestError = 200;

/**
 * Returns the headers of an error response, so that a caller sees a failure without reading the payload. `code` is an
 * HTTP status. The headers have at most 1,024 bytes.
 */
export const serviceErrorHeaders = (code: number, message: string): Readonly<Record<string, string>> => ({
  [headerNames.serviceErrorCode]: String(code),
  [headerNames.serviceError]: message.slice(0, longestError).replaceAll(/\p{Cc}+/gu, " "),
});
