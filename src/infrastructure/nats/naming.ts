/** Every name on the server that belongs to one installation, derived from its prefix. */
export interface Naming {
  readonly prefix: string;
  readonly subjects: {
    /** Requests: `cim.cmd.<principal>.<aggregate>.<id>.<command>`. */
    readonly allCommands: string;
    readonly command: (principal: string, aggregate: string, id: string, command: string) => string;
    /** The log: `cim.evt.<aggregate>.<id>`, one literal subject an aggregate. */
    readonly allEvents: string;
    readonly event: (aggregate: string, id: string) => string;
    /** Requests: `cim.qry.<view>.<operation>`. */
    readonly allQueries: string;
    readonly query: (view: string, operation: string) => string;
    /** Heartbeats: `cim.hb.<agentId>`. */
    readonly allHeartbeats: string;
    readonly heartbeat: (agentId: string) => string;
    /** Deliveries: `cim.inbox.<agentId>.<channel>`. */
    readonly allInboxes: string;
    readonly inbox: (agentId: string, channel: string) => string;
    readonly inboxOf: (agentId: string) => string;
    /** How far deliveries have come, among them; no agent has this subject, for no id has a `$`. */
    readonly inboxProgress: string;
    /** Events for other services: `cim.feed.<aggregate>.<event>.v<N>.<id>`. */
    readonly allFeed: string;
    readonly feed: (aggregate: string, event: string, schemaVersion: number, id: string) => string;
    /** Deadlines: scheduled messages on `cim.timer.schedule.<id>` that arrive on `cim.timer.fired.<id>`. */
    readonly allTimers: string;
    readonly timerSchedule: (timerId: string) => string;
    readonly allFiredTimers: string;
    readonly timerFired: (timerId: string) => string;
  };
  readonly streams: {
    readonly events: string;
    readonly feed: string;
    readonly inbox: string;
    readonly timers: string;
    readonly heartbeats: string;
  };
  readonly buckets: {
    readonly view: (view: string) => string;
    readonly leases: string;
    readonly checkpoints: string;
    readonly snapshots: string;
    readonly artifacts: string;
    readonly simulatedHosts: string;
  };
}

/** The prefix where none is configured. */
export const defaultPrefix = "cim";

/** The names under a prefix; the prefix is one subject token of `A-Z a-z 0-9 _ -` (`foo-bar` → stream `FOO-BAR_EVENTS`). */
export const naming = (prefix: string = defaultPrefix): Naming => {
  const stream = (name: string) => `${prefix.toUpperCase()}_${name}`;
  const bucket = (name: string) => `${prefix}_${name}`;
  return {
    prefix,
    subjects: {
      allCommands: `${prefix}.cmd.>`,
      command: (principal, aggregate, id, command) => `${prefix}.cmd.${principal}.${aggregate}.${id}.${command}`,
      allEvents: `${prefix}.evt.>`,
      event: (aggregate, id) => `${prefix}.evt.${aggregate}.${id}`,
      allQueries: `${prefix}.qry.>`,
      query: (view, operation) => `${prefix}.qry.${view}.${operation}`,
      allHeartbeats: `${prefix}.hb.*`,
      heartbeat: (agentId) => `${prefix}.hb.${agentId}`,
      allInboxes: `${prefix}.inbox.>`,
      inbox: (agentId, channel) => `${prefix}.inbox.${agentId}.${channel}`,
      inboxOf: (agentId) => `${prefix}.inbox.${agentId}.>`,
      inboxProgress: `${prefix}.inbox.$progress`,
      allFeed: `${prefix}.feed.>`,
      feed: (aggregate, event, schemaVersion, id) => `${prefix}.feed.${aggregate}.${event}.v${schemaVersion}.${id}`,
      allTimers: `${prefix}.timer.>`,
      timerSchedule: (timerId) => `${prefix}.timer.schedule.${timerId}`,
      allFiredTimers: `${prefix}.timer.fired.*`,
      timerFired: (timerId) => `${prefix}.timer.fired.${timerId}`,
    },
    streams: {
      events: stream("EVENTS"),
      feed: stream("FEED"),
      inbox: stream("INBOX"),
      timers: stream("TIMERS"),
      heartbeats: stream("HEARTBEATS"),
    },
    buckets: {
      view: (view) => bucket(`view_${view}`),
      leases: bucket("leases"),
      checkpoints: bucket("checkpoints"),
      snapshots: bucket("snapshots"),
      artifacts: bucket("artifacts"),
      simulatedHosts: bucket("simulated_hosts"),
    },
  };
};
