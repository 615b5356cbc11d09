import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { testNats } from "../../support/nats.ts";
import { eventually, scriptedBackend } from "./scripted-backend.ts";

test("the example of docs/agents.md does a task, answers a turn and says goodbye", async () => {
  const nats = await testNats();
  const backend = await scriptedBackend(nats.url, nats.prefix);
  const example = spawn(process.execPath, [resolve("examples/hello-agent.ts")], {
    env: { ...process.env, CIM_NATS: nats.url, CIM_PREFIX: nats.prefix },
    stdio: "ignore",
  });
  const ended = once(example, "exit");
  try {
    await eventually("the agent", () => backend.heartbeats.length > 0);
    const task = { id: "t1", type: "greet", payload: { name: "Ada" }, priority: "normal", attempt: 1 };
    await backend.deliver("greeter", "task", { deliveryId: "1", kind: "assigned", task });
    const dialog = { id: "d", type: "group", topic: "t" };
    const turn = { deliveryId: "2", kind: "said", dialog, turn: 1, speaker: "ann", text: "hi" };
    await backend.deliver("greeter", "turn", turn);
    const of = (command: string) => backend.applied.find((applied) => applied.command === command)?.payload;
    await eventually("both answers", () => of("complete") !== undefined && of("say") !== undefined);
    expect(of("complete")).toEqual({ result: { greeting: "Hello, Ada!" } });
    expect(of("say")).toEqual({ text: "Hello, ann!", to: "ann" });
    example.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
    expect(of("deregister")).toEqual({});
  } finally {
    example.kill("SIGKILL");
    await backend.close();
    await nats.dispose();
  }
});
