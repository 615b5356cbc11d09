import { type Msg, type NatsConnection, nuid } from "@nats-io/nats-core";

/** An endpoint as service discovery shows it, and what it counts; times in nanoseconds. */
export interface Endpoint {
  readonly name: string;
  readonly subject: string;
  readonly queueGroup: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly statistics: { requests: number; errors: number; processingTime: number; lastError?: string };
}

export interface MicroService {
  /** One run of the service. */
  readonly id: string;
  readonly name: string;
  /** SemVer. */
  readonly version: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly endpoints: ReadonlyArray<Endpoint>;
}

export const newInstance = (): string => nuid.next();

const described = ({ name, subject, queueGroup, metadata }: Endpoint) => ({
  name,
  subject,
  queue_group: queueGroup,
  metadata,
});

const statisticsOf = ({ requests, errors, processingTime, lastError }: Endpoint["statistics"]) => ({
  num_requests: requests,
  num_errors: errors,
  processing_time: processingTime,
  average_processing_time: requests === 0 ? 0 : Math.round(processingTime / requests),
  ...(lastError === undefined ? {} : { last_error: lastError }),
});

/**
 * Answers NATS service discovery (ADR-32) for a service: `$SRV.PING|INFO|STATS`, also with its name and its id. Gives
 * what ends it.
 */
export const answerDiscovery = (nats: NatsConnection, service: MicroService): (() => void) => {
  const { endpoints, description, ...identity } = service;
  const started = new Date().toISOString();
  const answers = {
    PING: () => ({ type: "io.nats.micro.v1.ping_response", ...identity }),
    INFO: () => ({
      type: "io.nats.micro.v1.info_response",
      ...identity,
      description,
      endpoints: endpoints.map(described),
    }),
    STATS: () => ({
      type: "io.nats.micro.v1.stats_response",
      ...identity,
      started,
      endpoints: endpoints.map((endpoint) => ({ ...described(endpoint), ...statisticsOf(endpoint.statistics) })),
    }),
  };
  const subscriptions = Object.entries(answers).flatMap(([verb, answer]) =>
    [verb, `${verb}.${service.name}`, `${verb}.${service.name}.${service.id}`].map((subject) =>
      nats.subscribe(`$SRV.${subject}`, {
        callback: (_: Error | null, message: Msg) => void message.respond(JSON.stringify(answer())),
      }),
    ),
  );
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
};
