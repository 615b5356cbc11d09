// An agent that greets: `./bin/cim up`, then `./bin/node examples/agents/greeter.ts`, then give it a task:
//   ./bin/cim tasks submit greet-1 --type greet --required-capabilities greet --payload '{"name": "Ada"}'
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, TaskFailed } from "cim-leaf";

const agent = await Agent.make({
  id: "greeter",
  connection: {
    servers: process.env.CIM_NATS ?? "nats://127.0.0.1:4222",
    prefix: process.env.CIM_PREFIX ?? "cim",
  },
  capabilities: [{ name: "greet", version: "1.0" }],
  onTask: async ({ task, signal, progress }) => {
    const { payload } = task;
    if (typeof payload !== "object" || payload === null || !("name" in payload)) throw new TaskFailed("no-name");
    await progress({ percent: 50, message: "thinking of something nice" });
    await sleep(500, undefined, { signal });
    return { greeting: `Hello, ${payload.name}!` };
  },
  onTurn: async ({ dialog, speaker }, { client }) => {
    await client.command("dialog", dialog.id, "say", { text: `Hello, ${speaker}!`, to: speaker });
  },
  onProposal: async ({ proposal }, { client }) => {
    await client.command("proposal", proposal.id, "vote", { choice: "abstain", reason: "I only greet." });
  },
});
console.log("greeter is at work");

process.once("SIGINT", () => agent.stop({ deregister: true }));
process.exitCode = (await agent.ended) === "stopped" ? 0 : 1;
