import {
  type Condition,
  conditionsOf,
  defined,
  isRole,
  type Permitted,
  permittedBy,
  type Role,
  type Row,
} from "../domain/kernel/mod.ts";
import { commands } from "./commands.ts";
import { inboxPrefix, type Names, names, readerPlaces, serviceName } from "./names.ts";
import { readingOf } from "./readings.ts";
import { publishedViews, type ViewName } from "./views/mod.ts";

/*
 * The subjects that each role may publish and subscribe to in a closed installation. The configuration of the
 * nats-server derives from this file: the doors between the accounts of the backend and of the peers, and the
 * permissions of each role. The commands of a role derive from the rows beside their schemas. So the server refuses
 * the same commands that the backend would refuse.
 */

/** The subjects that a user may publish and subscribe to. `{{name()}}` stands for the user's own name. */
export interface Permissions {
  readonly publish: ReadonlyArray<string>;
  readonly subscribe: ReadonlyArray<string>;
}

/** The server replaces this in a template of permissions with the name of the user. */
export const ownName = "{{name()}}";

/** A subject that the account of the backend shares with that of the peers. */
export interface Door {
  /** Peers publish into a `service`, and subscribe to a `stream`. */
  readonly kind: "service" | "stream";
  readonly subject: string;
  /** The name by which peers know the subject, if it differs. */
  readonly as?: string;
  /** Whether a request may get more than one answer. */
  readonly answers?: "many";
}

/** How peers reach a subject of the contract: not at all, through a door, or only among themselves. */
type Reach = "backend only" | "peers only" | "service" | "stream";

/** The reach of each subject of the contract. A subject without an entry does not compile. */
export const reaches = {
  allCommands: "service",
  command: "service",
  allEvents: "backend only",
  event: "backend only",
  allQueries: "service",
  query: "service",
  allReadings: "service",
  reading: "service",
  allRenewals: "service",
  renewal: "service",
  allArrangements: "service",
  arrangement: "service",
  allFeed: "stream",
  feed: "stream",
  feedOf: "stream",
  allHeartbeats: "service",
  heartbeat: "service",
  allInboxes: "backend only",
  inboxOf: "backend only",
  inbox: "backend only",
  inboxProgress: "backend only",
  announcement: "peers only",
  output: "peers only",
  draft: "peers only",
  allTimers: "backend only",
  timerSchedule: "backend only",
  allFiredTimers: "backend only",
  timerFired: "backend only",
  timersArmed: "backend only",
  agentProtocol: "backend only",
} as const satisfies Readonly<Record<keyof Names["subjects"], Reach>>;

const jsApi = "$JS.API";
const discovery = ["PING", "INFO", "STATS"].map((verb) => `$SRV.${verb}.${serviceName}`);

/** Returns the streams from which the backend lets peers read. */
export const readable = ({ streams, buckets }: Names): ReadonlyArray<string> => [
  streams.feed,
  ...(Object.keys(publishedViews) as ReadonlyArray<ViewName>).map((view) => `KV_${buckets.view(view)}`),
  streams.events,
];

/** Returns the door for a request of the JetStream API, which peers send under another prefix. */
const apiDoor = ({ peerApi }: Names, request: string, answers?: "many"): Door => ({
  kind: "service",
  subject: `${jsApi}.${request}`,
  as: `${peerApi}.${request}`,
  ...defined({ answers }),
});

/** Returns everything that the two accounts share. Any other subject exists in one of them only. */
export const doorsOf = (known: Names): ReadonlyArray<Door> => {
  const { subjects, streams } = known;
  const service = (subject: string): Door => ({ kind: "service", subject });
  return [
    service(subjects.allCommands),
    service(subjects.allQueries),
    service(subjects.allReadings),
    service(subjects.allRenewals),
    service(subjects.allArrangements),
    service(subjects.allHeartbeats),
    { kind: "stream", subject: subjects.allFeed },
    ...discovery.map((subject): Door => ({ kind: "service", subject, answers: "many" })),
    ...[streams.inbox, ...readable(known)].flatMap((stream) => [
      apiDoor(known, `CONSUMER.MSG.NEXT.${stream}.*`, "many"),
      apiDoor(known, `CONSUMER.INFO.${stream}.*`),
    ]),
    ...readable(known).map((stream) => apiDoor(known, `STREAM.INFO.${stream}`)),
    service(`$JS.ACK.${streams.inbox}.>`),
    service(`$JS.ACK.*.*.${streams.inbox}.>`),
  ];
};

const alternativesOf = (permitted: Permitted): ReadonlyArray<ReadonlyArray<Condition>> =>
  permitted === "system" ? [] : permitted.map(conditionsOf);

/**
 * Returns the ids of aggregates for which a role may give a command: all, the principal's own name, or none. A subject
 * shows only whether the principal acts on itself. Every other relation to the aggregate is looked up by the backend. A
 * viewer gives no commands.
 */
const idsFor = (role: Role, row: Row): string | undefined => {
  const ways = [false, true].flatMap((exists) => alternativesOf(permittedBy(row, exists)));
  const open = ways.filter((conditions) => {
    const needed = conditions.filter(isRole);
    return needed.length === 0 ? role !== "viewer" : needed.includes(role);
  });
  if (open.length === 0) return undefined;
  return open.every((conditions) => conditions.includes("self")) ? ownName : "*";
};

const commandsFor = (role: Role, { subjects }: Names): ReadonlyArray<string> =>
  Object.entries(commands).flatMap(([aggregate, specs]) =>
    Object.entries(specs).flatMap(([name, { audience, by }]) => {
      const id = audience === "public" ? idsFor(role, by) : undefined;
      return id === undefined ? [] : [subjects.command(ownName, aggregate, id, name)];
    }),
  );

/** What every role may do: query, read the feed and the views, and hear what peers announce. */
const reading = ({ subjects, peerApi, prefix, consumers }: Names): Permissions => ({
  publish: [
    `${prefix}.qry.*.*`,
    subjects.reading(ownName, readingOf.feed),
    subjects.reading(ownName, readingOf.view("*")),
    subjects.renewal(ownName),
    subjects.arrangement(ownName, "*"),
    `${peerApi}.STREAM.INFO.*`,
    ...Array.from({ length: readerPlaces }, (_, place) => consumers.reader(place, ownName)).flatMap((consumer) => [
      `${peerApi}.CONSUMER.MSG.NEXT.*.${consumer}`,
      `${peerApi}.CONSUMER.INFO.*.${consumer}`,
    ]),
    ...discovery,
  ],
  subscribe: [
    `${inboxPrefix(ownName)}.>`,
    subjects.allFeed,
    subjects.announcement("*", "*"),
    subjects.output("*", "*"),
    subjects.draft("*", "*"),
  ],
});

/** What every role but the viewer may do: have an inbox, send heartbeats, share knowledge and drafts. */
const takingPart = ({ subjects, peerApi, streams, consumers }: Names): ReadonlyArray<string> => {
  const inbox = `${streams.inbox}.${consumers.inbox(ownName)}`;
  return [
    subjects.heartbeat(ownName),
    `${peerApi}.CONSUMER.MSG.NEXT.${inbox}`,
    `${peerApi}.CONSUMER.INFO.${inbox}`,
    // The form of an acknowledgement up to nats-server 2.14, then the form from 2.15 on.
    `$JS.ACK.${inbox}.>`,
    `$JS.ACK.*.*.${inbox}.>`,
    subjects.reading(ownName, readingOf.knowledge("*")),
    subjects.announcement(ownName, "*"),
    subjects.draft(ownName, "*"),
  ];
};

/** Only a deployer changes hosts, so only a deployer has output to publish. */
const showing = (role: Role, { subjects }: Names): ReadonlyArray<string> =>
  role === "deployer" ? [subjects.output(ownName, "*")] : [];

/** Returns the permissions of a user with these roles, each subject once. */
export const permissionsOf = (given: Iterable<Role>, known: Names = names()): Permissions => {
  const { publish, subscribe } = reading(known);
  const more = [...given].flatMap((role) => [
    ...(role === "viewer" ? [] : takingPart(known)),
    ...commandsFor(role, known),
    ...showing(role, known),
  ]);
  return { publish: [...new Set([...publish, ...more])], subscribe };
};

const anyReader = `reader-N-${ownName}`;

/** Returns the subjects in a form for people: a principal's readers differ only in a number, and are listed once. */
export const shortened = (subjects: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(subjects.map((subject) => subject.replace(/reader-\d+-\{\{name\(\)\}\}$/, anyReader))),
];
