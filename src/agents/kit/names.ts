/** The names of the NATS contract under a prefix. */
export const names = (prefix: string) => {
  const stream = (name: string) => `${prefix.toUpperCase()}_${name}`;
  return {
    prefix,
    command: (principal: string, aggregate: string, id: string, command: string) =>
      `${prefix}.cmd.${principal}.${aggregate}.${id}.${command}`,
    query: (view: string, operation: string) => `${prefix}.qry.${view}.${operation}`,
    heartbeat: (agent: string) => `${prefix}.hb.${agent}`,
    feed: (aggregate = "*", event = "*", id = "*") => `${prefix}.feed.${aggregate}.${event}.*.${id}`,
    event: (aggregate: string, id: string) => `${prefix}.evt.${aggregate}.${id}`,
    eventStream: stream("EVENTS"),
    announcement: (principal: string, space: string) => `${prefix}.knowledge.${principal}.${space}`,
    /** What the programs of a deployment's steps print, while they print it. */
    output: (principal: string, deployment: string) => `${prefix}.output.${principal}.${deployment}`,
    artifactBucket: `${prefix}_artifacts`,
    feedStream: stream("FEED"),
    inboxStream: stream("INBOX"),
    inboxConsumer: (agent: string) => `agent-${agent}`,
    viewBucket: (view: string) => `${prefix}_view_${view}`,
  };
};
export type Names = ReturnType<typeof names>;
