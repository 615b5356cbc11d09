import { names } from "../../../contract/names.ts";
import { bytesText, type Facts, lagOf, offsetText } from "./facts.ts";

/** Something that is not as it should be. `note`: it goes on well so. `unknown`: it could not be seen. */
export interface Finding {
  readonly level: "wrong" | "note" | "unknown";
  readonly what: string;
  /** What to do. */
  readonly remedy: string;
}

/** Something to look at. */
export interface Check {
  readonly name: string;
  /** Returns what is not as it should be. */
  readonly look: (facts: Facts) => ReadonlyArray<Finding>;
  /** Returns what was seen, if all is well. */
  readonly well: (facts: Facts) => string;
}

const found =
  (level: Finding["level"]) =>
  (what: string, remedy: string): Finding => ({ level, what, remedy });
const wrong = found("wrong");
const note = found("note");
const unknown = found("unknown");

const when = (condition: boolean, finding: () => Finding): ReadonlyArray<Finding> => (condition ? [finding()] : []);

/** A version as a number that can be compared. */
const rank = (version: string): number => {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map((part) => Number(part) || 0);
  return (major * 1000 + minor) * 1000 + patch;
};

/** What versions of nats-server lack: issues of its repository, and the version that has the correction. */
const corrections: ReadonlyArray<{ readonly version: string; readonly what: string }> = [
  { version: "2.14.3", what: "a client can end the server before it logs in, by WebSocket" },
  { version: "2.14.4", what: "a stream of newest values with an age may stop taking writes (issue 8378)" },
  { version: "2.14.5", what: "a message may be delivered after 10 to 18 seconds (issue 8500)" },
];

const oldest = "2.12.0";

const server: Check = {
  name: "server",
  look: ({ server: { version }, serverHealth }) => {
    const lacks = corrections.filter((one) => rank(version) < rank(one.version));
    const newest = lacks.at(-1);
    return [
      ...when(rank(version) < rank(oldest), () =>
        wrong(`nats-server ${version} is older than ${oldest}`, "upgrade it: timers and presence need it"),
      ),
      ...(newest === undefined
        ? []
        : [
            note(
              `nats-server ${version} lacks corrections: ${lacks.map(({ what }) => what).join("; ")}`,
              `upgrade it to ${newest.version} or newer`,
            ),
          ]),
      ...when(serverHealth?.ok === false, () =>
        wrong(
          `the server says that it is not healthy: ${serverHealth?.error ?? "no reason given"}`,
          "see its log; it may have to be started again",
        ),
      ),
    ];
  },
  well: ({ server: { version, url } }) => `nats-server ${version} on ${url}`,
};

/** What the embedded server takes, in bytes. */
const usualPayload = 8 * 1024 * 1024;

const settings: Check = {
  name: "settings",
  look: ({ server: { maxPayload } }) =>
    when(maxPayload < usualPayload, () =>
      note(
        `the server takes messages of ${bytesText(maxPayload)} at most: commits of large graphs are refused`,
        "set max_payload: 8MB in its configuration",
      ),
    ),
  well: ({ server: { maxPayload } }) => `messages of up to ${bytesText(maxPayload)}`,
};

const durability: Check = {
  name: "durability",
  look: ({ durability: seen }) => {
    if (seen === undefined)
      return [
        unknown(
          "a client cannot see how often the server writes to disk",
          "name its monitoring port with --monitor http://HOST:8222, or its folder with --store",
        ),
      ];
    return when(!seen.always, () =>
      wrong(
        "the server answers before a write is on disk: a power failure loses acknowledged commands",
        "set jetstream.sync_interval: always in its configuration, and start it again",
      ),
    );
  },
  well: ({ durability: seen }) => `every acknowledged write is on disk (${seen?.from ?? ""})`,
};

/** The settings without which a stream is not a log. */
const ofLog: Readonly<Record<string, unknown>> = {
  retention: "limits",
  storage: "file",
  deny_delete: true,
  deny_purge: true,
  max_msgs: -1,
  max_msgs_per_subject: -1,
  max_bytes: -1,
  max_age: 0,
};

const log: Check = {
  name: "log",
  look: ({ log: seen, health, streams, prefix }) => {
    const { events } = names(prefix).streams;
    if (seen === undefined) return [wrong(`there is no log ${events}`, "start a backend with `cim up`")];
    const config = streams.find(({ name }) => name === events)?.config ?? {};
    const others = Object.keys(ofLog).filter((key) => (config[key] ?? ofLog[key]) !== ofLog[key]);
    return [
      ...(seen.unfinished === undefined
        ? []
        : [wrong(`the log is not whole: \`${seen.unfinished}\` has not come to its end`, "run it again")]),
      ...when(others.length > 0, () =>
        wrong(
          `${events} has other settings than a log: ${others.map((key) => `${key} ${config[key]}`).join(", ")}`,
          "start a backend again, which turns them on; if it refuses, restore into a new stream",
        ),
      ),
      ...(health?.damaged ?? []).map(({ aggregate, id, position, problem }) =>
        wrong(
          `${aggregate} ${id} can only be read, since position ${position}: ${problem}`,
          "see `cim audit verify`; find out who else writes to the log, or restore a backup",
        ),
      ),
      ...when((health?.passedOver ?? 0) > 0 && health?.damaged.length === 0, () =>
        note(
          `${health?.passedOver} messages of the log are passed over`,
          "see `cim audit health`; find out which other program writes to the log",
        ),
      ),
    ];
  },
  well: ({ log: seen }) => `append-only, up to position ${seen?.end}, nothing in it that does not fit`,
};

const streams: Check = {
  name: "streams",
  look: ({ streams: all, prefix, server: { servers } }) => {
    const { streams: expected, buckets } = names(prefix);
    const needed = [
      ...Object.values(expected),
      ...[buckets.leases, buckets.checkpoints].map((bucket) => `KV_${bucket}`),
      `OBJ_${buckets.artifacts}`,
    ];
    const missing = needed.filter((name) => name !== expected.events && !all.some((one) => one.name === name));
    return [
      ...when(missing.length > 0, () =>
        wrong(`missing: ${missing.join(", ")}`, "start the backend again: it makes them, and fills them from the log"),
      ),
      ...all.flatMap(({ name, lost, replicas, cluster }) => [
        ...when(lost > 0, () =>
          wrong(`${name} has lost ${lost} messages on disk`, "check the disk; verify the log with `cim audit verify`"),
        ),
        ...when(cluster !== undefined && cluster.leader === undefined, () =>
          wrong(`${name} has no leader: nothing can be written to it`, "bring back most of its servers"),
        ),
        ...when((cluster?.behind.length ?? 0) > 0, () =>
          wrong(
            `replicas of ${name} are away or behind: ${cluster?.behind.join(", ")}`,
            "start these servers, or wait until they have caught up; remove none before",
          ),
        ),
        ...when(name === expected.events && servers >= 3 && replicas < 3, () =>
          wrong(
            `${name} has ${replicas} replica on ${servers} servers: it is gone with one of them`,
            "export the log, and import it into a stream that is made with three replicas; never scale it in place",
          ),
        ),
      ]),
    ];
  },
  well: ({ streams: all }) => `${all.length} streams and buckets, nothing lost`,
};

const backends: Check = {
  name: "backends",
  look: ({ backends: all, health }) => {
    if (all.length === 0) return [wrong("no backend answers", "start one with `cim up`")];
    const versions = [...new Set(all.map(({ version }) => version))];
    return [
      ...when(health === undefined, () =>
        wrong("no backend answers queries", "see what it logs; start it again if it stands still"),
      ),
      ...when(health?.ready === false, () => wrong(`it takes no commands: ${health?.reason}`, "do what it says")),
      ...when(versions.length > 1, () =>
        note(`backends have versions ${versions.join(" and ")}`, "bring all to one version: end the older ones"),
      ),
    ];
  },
  well: ({ backends: all }) => `${all.length} running, version ${all[0]?.version}, ready`,
};

const lag: Check = {
  name: "lag",
  look: (facts) =>
    facts.readers.flatMap(({ name, position, mayLag }) => {
      const end = facts.log?.end ?? position;
      if (position > end)
        return [
          wrong(
            `${name}: at position ${position}, and the log ends at ${end}`,
            "the log is older than what was made of it: start the backend again, and it starts over",
          ),
        ];
      return when(lagOf(facts, position) > mayLag, () =>
        wrong(
          `${name}: ${lagOf(facts, position)} commits behind the log`,
          "wait if it catches up; else see what the backend logs, and whether the machine is overloaded",
        ),
      );
    }),
  well: (facts) => `at most ${Math.max(0, ...facts.readers.map(({ position }) => lagOf(facts, position)))} commits`,
};

const parked: Check = {
  name: "parked",
  look: ({ health }) => {
    const count = health?.parked ?? 0;
    return when(count > 0, () =>
      wrong(`${count} steps kept failing and are parked`, "see `cim parked list`, then `cim parked retry` or `drop`"),
    );
  },
  well: () => "no parked steps",
};

/** Milliseconds by which clocks may differ. Votes and deadlines have seconds. */
const tolerance = 1_000;

const clocks: Check = {
  name: "clocks",
  look: ({ server: { offset }, commitOffset }) => [
    // A commit is stored after its time was taken: being late by some seconds is load, not a clock.
    ...when(commitOffset !== undefined && (commitOffset > tolerance || commitOffset < -10 * tolerance), () =>
      wrong(
        `the clock of a backend is ${offsetText(commitOffset ?? 0)} beside the server's: votes and deadlines end at the wrong time`,
        "synchronize the clocks of both machines (chrony, systemd-timesyncd)",
      ),
    ),
    ...when(offset !== undefined && Math.abs(offset) > tolerance, () =>
      note(
        `the server's clock is ${offsetText(offset ?? 0)} beside that of this machine: ages and times left are shown wrong here`,
        "synchronize the clock of this machine",
      ),
    ),
  ],
  well: ({ server: { offset = 0 }, commitOffset }) =>
    `the server ${offsetText(offset)} from here${commitOffset === undefined ? "" : `, commits ${offsetText(commitOffset)} from the server`}`,
};

const [fillsUp, isFull] = [0.75, 0.9];

const disk: Check = {
  name: "disk",
  look: ({ disks }) =>
    disks.flatMap(({ what, used, total }) => {
      const share = used / Math.max(1, total);
      if (share < fillsUp) return [];
      const text = `${what}: ${bytesText(used)} of ${bytesText(total)} are used`;
      const remedy = "make room before it is full: commands are refused then";
      return [share < isFull ? note(text, remedy) : wrong(text, remedy)];
    }),
  well: ({ disks, streams: all }) => {
    const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
    const least = disks.map(
      ({ what, used, total }) => `${what} ${Math.round((100 * used) / Math.max(1, total))} % full`,
    );
    return [`${bytesText(bytes)} in streams`, ...least].join(", ");
  },
};

const leases: Check = {
  name: "leases",
  look: ({ leases: all, backends: running }) => {
    const free = all.filter(({ holder }) => holder === undefined).map(({ role }) => role);
    return when(free.length > 0 && running.length > 0, () =>
      wrong(
        `no backend has the lease of ${free.join(", ")}: that work stands still`,
        "look again in some seconds; if it stays, see what the backends log",
      ),
    );
  },
  well: ({ leases: all }) => `all ${all.length} are held`,
};

/** Milliseconds without a delivery after which a consumer that has messages counts as forgotten. */
const forgottenAfter = 60_000;

const consumers: Check = {
  name: "consumers",
  look: ({ consumers: all, prefix }) =>
    all
      .filter(
        ({ pending, waiting, bound, idle = Number.POSITIVE_INFINITY }) =>
          pending > 0 && waiting === 0 && !bound && idle > forgottenAfter,
      )
      .map(({ stream, name, pending }) =>
        // Agents and services may be away. Without a reader of the timers no deadline comes.
        (stream === names(prefix).streams.timers ? wrong : note)(
          `${pending} messages of ${stream} wait for \`${name}\`, and nobody reads them`,
          name.startsWith("agent-")
            ? `start the agent, or sign it off: \`cim agents deregister ${name.slice("agent-".length)}\``
            : "start its reader, or remove the consumer",
        ),
      ),
  well: ({ consumers: all }) => `${all.length}, each is read`,
};

const day = 24 * 60 * 60 * 1000;
/** Days before its end when a certificate should be renewed. */
const renewWithin = 14;

const certificates: Check = {
  name: "certificates",
  look: ({ certificates: all, now }) =>
    all.flatMap(({ what, until }) => {
      const days = (Date.parse(until) - now) / day;
      if (days > renewWithin) return [];
      return [
        wrong(
          days < 0 ? `${what} has expired on ${until}` : `${what} expires on ${until}, in ${Math.floor(days)} days`,
          "renew it",
        ),
      ];
    }),
  well: ({ certificates: all }) =>
    all.length === 0 ? "none are used" : all.map(({ what, until }) => `${what} until ${until.slice(0, 10)}`).join(", "),
};

const httpPort: Check = {
  name: "console",
  look: ({ console: { url, asked, ready, problem } }) => {
    if (ready === undefined)
      return [
        (asked ? wrong : note)(
          `${url} does not answer: ${problem}`,
          asked
            ? "see whether `cim up` or `cim console` runs there"
            : "name its address with --console URL, if there is one",
        ),
      ];
    return when(!ready, () => wrong(`${url} is not ready: ${problem}`, "see the other checks"));
  },
  well: ({ console: { url } }) => `${url} is ready`,
};

/** Every check, in the order in which it is shown. */
export const checks: ReadonlyArray<Check> = [
  server,
  settings,
  durability,
  log,
  streams,
  backends,
  leases,
  lag,
  parked,
  consumers,
  clocks,
  disk,
  certificates,
  httpPort,
];
