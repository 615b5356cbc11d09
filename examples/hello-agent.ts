// An agent that greets: `./bin/cim up`, then `node examples/hello-agent.ts`, then give it a task:
//   ./bin/cim tasks submit greet-1 --type greet --required-capabilities greet --payload '{"name": "Ada"}'
import { setTimeout as sleep } from "node:timers/promises";
import { connect, startAgent, TaskFailed } from "../src/agents/kit/mod.ts";

const client = await connect({
  servers: process.env.CIM_NATS ?? "nats://127.0.0.1:4222",
  prefix: process.env.CIM_PREFIX ?? "cim",
  principal: "greeter",
});

const agent = await startAgent({
  client,
  id: "greeter",
  capabilities: ["greet"],
  onTask: async ({ task, signal, progress }) => {
    const { payload } = task;
    if (typeof payload !== "object" || payload === null || !("name" in payload)) throw new TaskFailed("no-name");
    await progress({ percent: 50, message: "thinking of something nice" });
    await sleep(500, undefined, { signal });
    return { greeting: `Hello, ${payload.name}!` };
  },
  onTurn: async ({ dialog, speaker }) => {
    await client.command("dialog", dialog.id, "say", { text: `Hello, ${speaker}!`, to: speaker });
  },
});
console.log("greeter is at work");

process.once("SIGINT", async () => {
  await agent.stop({ deregister: true });
  await client.close();
});
