import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Agent, connect, type Turn } from "../../src/agents/kit/mod.ts";
import { type Installation, installation } from "../support/installation.ts";

const turns = 200;

/** What happens while turns are routed. */
const disturbances = {
  "the backend is killed": async (backend: { kill: () => Promise<void> }) => {
    await backend.kill();
    await leaf.up("--no-agents");
  },
  "the nats-server is killed": async () => {
    await leaf.nats.kill();
    await leaf.nats.start();
  },
};

let leaf: Installation;

beforeEach(async () => {
  leaf = await installation();
});
afterEach(() => leaf.dispose());

test.each(Object.entries(disturbances))(
  "turns reach their recipients in order, each once, though %s while they are routed",
  async (_, disturb) => {
    const first = await leaf.up("--no-agents");
    const heard = new Map<string, Array<Turn>>();
    const listen = async (id: string) => {
      const client = await connect({ servers: leaf.nats.url, prefix: leaf.nats.prefix, principal: id });
      const own: Array<Turn> = [];
      heard.set(id, own);
      const onTurn = async (turn: Turn) => void own.push(turn);
      const agent = await Agent.make({ client, id, capabilities: [], onTurn, log: () => {} });
      return async () => {
        await agent.stop();
        await client.close();
      };
    };
    const ends = await Promise.all([listen("bob"), listen("carol")]);
    await leaf.client.command("dialog", "d", "open", { type: "group", topic: "t", participants: ["bob", "carol"] });
    for (let number = 1; number <= turns; number++) {
      // With deliveries on their way; the next turn waits for what follows.
      if (number === turns / 2) await disturb(first);
      await leaf.client.command("dialog", "d", "say", { text: `turn ${number}` });
    }
    const expected = Array.from({ length: turns }, (_, index) => `turn ${index + 1}`);
    const all = () => [...heard.values()].every((own) => own.length >= turns);
    for (let waited = 0; !all() && waited < 300; waited++) await new Promise((wake) => setTimeout(wake, 100));
    for (const own of heard.values()) expect(own.map(({ text }) => text)).toEqual(expected);
    for (const end of ends) await end();
  },
);
