import { names } from "../../../contract/names.ts";
import { bucketStream } from "../../../infrastructure/nats/buckets.ts";
import { objectStream } from "../../../infrastructure/nats/streams.ts";
import { type Check, note, unknown, when, wrong } from "./check.ts";
import { bytesText } from "./facts.ts";

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

/** What is wrong with a version, and what it lacks. */
const lacksOf = (version: string) => {
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
  ];
};

export const server: Check = {
  name: "server",
  look: ({ server: { version: own }, otherServers, serverHealth }) => {
    const versions = new Set([own, ...otherServers.flatMap(({ version = [] }) => version)]);
    const silent = otherServers.filter(({ version }) => version === undefined);
    return [
      ...[...versions].flatMap(lacksOf),
      ...when(versions.size > 1, () =>
        note(
          `the servers have versions ${[...versions].join(" and ")}`,
          "bring all to the newest, one after the other",
        ),
      ),
      ...silent.map(({ url }) =>
        wrong(`no nats-server answers at ${url}`, "start it, or leave it out of the list of --nats"),
      ),
      ...when(serverHealth?.ok === false, () =>
        wrong(
          `the server says that it is not healthy: ${serverHealth?.error ?? "no reason given"}`,
          "see its log; it may have to be started again",
        ),
      ),
    ];
  },
  well: ({ server: { version, url }, otherServers }) =>
    [`nats-server ${version} on ${url}`, ...otherServers.map((other) => other.url)].join(", "),
};

/** What the embedded server takes, in bytes. */
const usualPayload = 8 * 1024 * 1024;

export const settings: Check = {
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

export const durability: Check = {
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

export const streams: Check = {
  name: "streams",
  look: ({ streams: all, prefix, server: { servers } }) => {
    const { streams: expected, buckets } = names(prefix);
    const needed = [
      ...Object.values(expected),
      ...[buckets.leases, buckets.checkpoints].map(bucketStream),
      objectStream(buckets.artifacts),
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

const [fillsUp, isFull] = [0.75, 0.9];

export const disk: Check = {
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

const day = 24 * 60 * 60 * 1000;
/** Days before its end when a certificate should be renewed. */
const renewWithin = 14;

export const certificates: Check = {
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
