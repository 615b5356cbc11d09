import { names } from "../../../contract/names.ts";
import { appendOnly } from "../../../infrastructure/nats/event-store/stream.ts";
import { type Check, note, when, wrong } from "./check.ts";
import { lagOf, offsetText } from "./facts.ts";

// Without direct gets it is a log too.
const { allow_direct: _, ...kept } = appendOnly;

/** The settings without which a stream is not a log. */
const ofLog: Readonly<Record<string, unknown>> = {
  retention: "limits",
  storage: "file",
  ...kept,
};

export const log: Check = {
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

export const backends: Check = {
  name: "backends",
  look: ({ backends: all, health }) => {
    if (all.length === 0) return [wrong("no backend answers", "start one with `cim up`")];
    const versions = [...new Set(all.map(({ version }) => version))];
    const standing = all.filter(({ standsBy }) => standsBy !== undefined);
    return [
      ...when(health === undefined, () =>
        wrong("no backend answers queries", "see what it logs; start it again if it stands still"),
      ),
      ...standing.map(({ version, standsBy }) =>
        wrong(`a backend of version ${version} takes no commands: ${standsBy}`, "do what it says"),
      ),
      ...when(health?.ready === false && standing.length === 0, () =>
        wrong(`it takes no commands: ${health?.reason}`, "do what it says"),
      ),
      ...when(versions.length > 1, () =>
        note(`backends have versions ${versions.join(" and ")}`, "bring all to one version: end the older ones"),
      ),
    ];
  },
  well: ({ backends: all }) => `${all.length} running, version ${all[0]?.version}, ready`,
};

export const lease: Check = {
  name: "lease",
  look: ({ workHeld, backends: running }) =>
    when(!workHeld && running.length > 0, () =>
      wrong(
        "no backend has the lease: views, feed, deadlines and process managers stand still",
        "look again in some seconds; if it stays, see what the backends log",
      ),
    ),
  well: () => "a backend has it",
};

export const lag: Check = {
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

export const parked: Check = {
  name: "parked",
  look: ({ health }) => {
    const count = health?.parked ?? 0;
    return when(count > 0, () =>
      wrong(`${count} steps kept failing and are parked`, "see `cim parked list`, then `cim parked retry` or `drop`"),
    );
  },
  well: () => "no parked steps",
};

/** Milliseconds without a delivery after which a consumer that has messages counts as forgotten. */
const forgottenAfter = 60_000;

export const consumers: Check = {
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

/** Milliseconds by which clocks may differ. Votes and deadlines have seconds. */
const tolerance = 1_000;

export const clocks: Check = {
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

export const httpPort: Check = {
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
