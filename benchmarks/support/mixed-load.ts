import { setTimeout as sleep } from "node:timers/promises";
import { CommandRefused, messageOf } from "../../src/agents/kit/errors.ts";
import { type Client, connect } from "../../src/agents/kit/mod.ts";
import type { Reread, Told } from "./checked-history.ts";

/** Numbers that follow from a seed, from 0 to below 1 (mulberry32). */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** Clients that give commands of several kinds one after another, and remember how each was answered. */
export interface MixedLoad {
  readonly told: ReadonlyArray<Told>;
  readonly rereads: ReadonlyArray<Reread>;
  /** The longest that a command took, in milliseconds. */
  readonly longest: () => number;
  /** Waits until each client has had some answers to what it asked from now on. */
  readonly goesOn: () => Promise<void>;
  /** Ends the load when what is under way is answered. */
  readonly stop: () => Promise<void>;
}

const graphs = ["g0", "g1", "g2"];
const clientCount = 4;
const answersToGoOn = 3;

/** Begins a load of four clients on an installation whose backends are up. */
export const beginLoad = async (servers: ReadonlyArray<string>, prefix: string, seed: number): Promise<MixedLoad> => {
  const told: Array<Told> = [];
  const rereads: Array<Reread> = [];
  const counts = Array.from({ length: clientCount }, () => 0);
  const lanes: Array<Promise<void>> = [];
  const clients: Array<Client> = [];
  let running = true;

  /** Gives a command with all patience. Its answer is remembered, whatever it is. */
  const give = async (client: Client, aggregate: string, id: string, command: string, payload: object) => {
    const commandId = crypto.randomUUID();
    const askedAt = performance.now();
    const remember = (answer: Pick<Told, "outcome" | "position" | "version" | "error">) =>
      void told.push({ aggregate, id, commandId, askedAt, answeredAt: performance.now(), ...answer });
    try {
      const { position, version } = await client.command<string, string>(aggregate, id, command, payload, {
        commandId,
        timeoutMs: 60_000,
      });
      remember({ outcome: "accepted", position, version });
      return { position, version };
    } catch (error) {
      const isRefused = error instanceof CommandRefused && error.code !== "unavailable" && error.code !== "timeout";
      remember({ outcome: isRefused ? "refused" : "unknown", error: messageOf(error) });
      return undefined;
    }
  };

  const lane = async (client: Client, index: number) => {
    const random = randomFrom(seed * 1_000 + index);
    for (let round = 0; running; round += 1) {
      const id = graphs[Math.floor(random() * graphs.length)] ?? "g0";
      const node = { id: `n-${index}-${round}`, type: "service", command: "/bin/true" };
      const added = await give(client, "graph", id, "add-node", { node });
      if (added !== undefined && random() < 0.5) {
        const { data } = await client.query(
          "graphs",
          "get",
          { id },
          { minPosition: added.position, timeoutMs: 60_000 },
        );
        rereads.push({ id, written: added.version, seen: data.version });
      }
      if (added !== undefined && random() < 0.5) await give(client, "graph", id, "remove-node", { id: node.id });
      if (random() < 0.3) await give(client, "dialog", "talk", "say", { text: `${index} ${round}` });
      // Nobody has that name: the rules refuse it, and it must not be in the log.
      if (random() < 0.1) await give(client, "graph", id, "remove-node", { id: "nobody" });
      counts[index] = round + 1;
      await sleep(20);
    }
  };

  // All for one principal, who owns the graphs.
  while (clients.length < clientCount)
    clients.push(await connect({ servers, prefix, principal: "ada", timeoutMs: 60_000 }));
  const [first] = clients;
  if (first === undefined) throw new Error("there is no client");
  for (const id of graphs) await give(first, "graph", id, "import", { id, nodes: [], edges: [] });
  await give(first, "dialog", "talk", "open", { type: "broadcast", topic: "talk", participants: ["ada"] });
  for (const [index, client] of clients.entries()) lanes.push(lane(client, index));
  const failed = Promise.all(lanes).then(() => undefined);
  failed.catch(() => {});
  return {
    told,
    rereads,
    longest: () => Math.max(...told.map(({ askedAt, answeredAt }) => answeredAt - askedAt)),
    goesOn: async () => {
      const before = [...counts];
      while (counts.some((count, index) => count < (before[index] ?? 0) + answersToGoOn))
        await Promise.race([sleep(20), failed]);
    },
    stop: async () => {
      running = false;
      await failed;
      for (const client of clients) await client.close();
    },
  };
};
