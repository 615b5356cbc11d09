/** The prefix of an installation whose configuration names none. */
export const defaultPrefix = "cim";

/** Selects events of the feed. A field that is absent selects all values. */
export interface FeedSelection {
  readonly aggregate?: string | undefined;
  readonly event?: string | undefined;
  readonly schemaVersion?: number | undefined;
  readonly id?: string | undefined;
}

/**
 * Returns all names on the server that belong to one installation. They derive from its prefix, one subject token of
 * `A-Z a-z 0-9 _ -`: with `foo-bar` the log is the stream `FOO-BAR_EVENTS`.
 */
export const names = (prefix: string = defaultPrefix) => {
  const stream = (name: string) => `${prefix.toUpperCase()}_${name}`;
  const bucket = (name: string) => `${prefix}_${name}`;
  return {
    prefix,
    subjects: {
      /** Requests that change something. */
      allCommands: `${prefix}.cmd.>`,
      command: (principal: string, aggregate: string, id: string, command: string) =>
        `${prefix}.cmd.${principal}.${aggregate}.${id}.${command}`,
      /** The log: one literal subject for each aggregate. */
      allEvents: `${prefix}.evt.>`,
      event: (aggregate: string, id: string) => `${prefix}.evt.${aggregate}.${id}`,
      /** Requests that read. */
      allQueries: `${prefix}.qry.>`,
      query: (view: string, operation: string) => `${prefix}.qry.${view}.${operation}`,
      /** Requests of peers of a closed installation to read a stream. The backend creates the consumer. */
      allReadings: `${prefix}.read.>`,
      reading: (principal: string, source: string) => `${prefix}.read.${principal}.${source}`,
      /** Requests of peers of a closed installation to renew their credentials. */
      allRenewals: `${prefix}.renew.*`,
      renewal: (principal: string) => `${prefix}.renew.${principal}`,
      /** Requests for the arrangement of a graph on the canvas. */
      allArrangements: `${prefix}.arrange.*.*`,
      arrangement: (principal: string, graph: string) => `${prefix}.arrange.${principal}.${graph}`,
      /** Events for other services. */
      allFeed: `${prefix}.feed.>`,
      feed: (aggregate: string, event: string, schemaVersion: number, id: string) =>
        `${prefix}.feed.${aggregate}.${event}.v${schemaVersion}.${id}`,
      feedOf: ({ aggregate = "*", event = "*", schemaVersion, id = "*" }: FeedSelection) =>
        `${prefix}.feed.${aggregate}.${event}.${schemaVersion === undefined ? "*" : `v${schemaVersion}`}.${id}`,
      /** Heartbeats of agents. */
      allHeartbeats: `${prefix}.hb.*`,
      heartbeat: (agentId: string) => `${prefix}.hb.${agentId}`,
      /** Deliveries to agents. */
      allInboxes: `${prefix}.inbox.>`,
      inboxOf: (agentId: string) => `${prefix}.inbox.${agentId}.>`,
      inbox: (agentId: string, channel: string) => `${prefix}.inbox.${agentId}.${channel}`,
      /**
       * The progress of deliveries, kept in the inbox stream itself. No agent has this subject, because ids cannot
       * contain `$`.
       */
      inboxProgress: `${prefix}.inbox.$progress`,
      /** New records that a replica of a knowledge space sends to the other replicas, on core NATS. */
      announcement: (principal: string, space: string) => `${prefix}.knowledge.${principal}.${space}`,
      /** The output of a deployment's running steps, on core NATS. */
      output: (principal: string, deployment: string) => `${prefix}.output.${principal}.${deployment}`,
      /** The messages between people who edit the same draft of a graph, on core NATS. */
      draft: (principal: string, draft: string) => `${prefix}.draft.${principal}.${draft}`,
      /** Deadlines, internal: a message scheduled on `timerSchedule` arrives on `timerFired`. */
      allTimers: `${prefix}.timer.>`,
      timerSchedule: (timerId: string) => `${prefix}.timer.schedule.${timerId}`,
      allFiredTimers: `${prefix}.timer.fired.*`,
      timerFired: (timerId: string) => `${prefix}.timer.fired.${timerId}`,
      /** A mark that an owner has scheduled all its timers. It is lost together with them. */
      timersArmed: (owner: string) => `${prefix}.timer.armed.${owner}`,
      /** An agent as the Synadia Agent Protocol addresses it: `prompt`, `status` and `hb` (its heartbeat there). */
      agentProtocol: (verb: "prompt" | "status" | "hb", agentId: string) =>
        `agents.${verb}.${agentHarness}.${prefix}.${agentId}`,
    },
    streams: {
      events: stream("EVENTS"),
      feed: stream("FEED"),
      inbox: stream("INBOX"),
      timers: stream("TIMERS"),
      heartbeats: stream("HEARTBEATS"),
    },
    /** Queue groups in which several backends share requests, and several processes of one agent its prompts. */
    queues: {
      commands: `${prefix}-commands`,
      queries: `${prefix}-queries`,
      agentProtocol: "agents",
    },
    /** Replaces `$JS.API` for peers of a closed installation, because their account has no streams of its own. */
    peerApi: `${prefix}.js`,
    /** Consumers that clients read from. */
    consumers: {
      inbox: (agentId: string) => `agent-${agentId}`,
      /** A consumer that the backend creates for a peer. `place` is below {@link readerPlaces}. */
      reader: (place: number, principal: string) => `reader-${place}-${principal}`,
    },
    /** KV buckets; `artifacts` is an object store. */
    buckets: {
      view: (view: string) => bucket(`view_${view}`),
      leases: bucket("leases"),
      checkpoints: bucket("checkpoints"),
      snapshots: bucket("snapshots"),
      artifacts: bucket("artifacts"),
      simulatedHosts: bucket("simulated_hosts"),
      arrangements: bucket("arrangements"),
    },
  };
};

/** Every name of one installation. */
export interface Names extends ReturnType<typeof names> {}

/** The number of streams that one principal of a closed installation can read at the same time. */
export const readerPlaces = 48;

/** Returns the inbox prefix of a principal of a closed installation. Replies to its requests arrive there. */
export const inboxPrefix = (principal: string): string => `_INBOX_${principal}`;

/** The name of the agents' harness in the Synadia Agent Protocol. */
export const agentHarness = "cim-leaf";

/** The name of the backend as a NATS micro service. */
export const serviceName = "cim";

/**
 * Returns whether a reply subject is an inbox: `_INBOX.…`, an inbox prefix of a principal (`_INBOX_<id>.…`), or the
 * reply subject of a service import (`_R_.…`).
 *
 * The requester chooses the reply subject, but the server checks the responder's permissions when the reply is sent.
 * The backend may write its log. Without this check, a request with the reply subject `cim.evt.graph.x` would make the
 * backend write its answer into the log, where nothing can be deleted.
 */
export const isInbox = (reply: string): boolean => /^(?:_INBOX(?:_[A-Za-z0-9_-]+)?|_R_)\../u.test(reply);

/** Headers of messages, by meaning. The headers of CloudEvents are in `cloud-event.ts`. */
export const headerNames = {
  commandId: "Cim-Command-Id",
  expectedVersion: "Cim-Expected-Version",
  correlationId: "Cim-Correlation-Id",
  causationId: "Cim-Causation-Id",
  signature: "Cim-Signature",
  publicKey: "Cim-Public-Key",
  minPosition: "Cim-Min-Position",
  at: "Cim-At",
  /** The span of W3C Trace Context that a message belongs to. */
  traceparent: "traceparent",
  messageId: "Nats-Msg-Id",
  expectedLastSequence: "Nats-Expected-Last-Sequence",
  expectedLastSubjectSequence: "Nats-Expected-Last-Subject-Sequence",
  rollup: "Nats-Rollup",
  schedule: "Nats-Schedule",
  scheduleTarget: "Nats-Schedule-Target",
  serviceError: "Nats-Service-Error",
  serviceErrorCode: "Nats-Service-Error-Code",
} as const;
