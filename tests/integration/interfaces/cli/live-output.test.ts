import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Client, connect } from "../../../../src/agents/kit/mod.ts";
import type { StepOutput } from "../../../../src/contract/signals.ts";
import { listenToSteps } from "../../../../src/interfaces/cli/deploy/follow.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
let client: Client;

beforeAll(async () => {
  nats = await testNats();
  client = await connect({ servers: nats.url, prefix: nats.prefix, principal: "ann" });
});
afterAll(async () => {
  await client.close();
  await nats.dispose();
});

const printed = (...lines: ReadonlyArray<string>) => ({ host: "leaf-1", step: "built", lines });

/** What is heard of these messages, which come in this order. */
const heardOf = async (
  agent: string | undefined,
  messages: ReadonlyArray<readonly [from: string, output: unknown]>,
) => {
  const heard: Array<StepOutput> = [];
  const stop = listenToSteps(
    client,
    "d1",
    () => agent,
    (output) => heard.push(output),
  );
  for (const [from, output] of messages)
    client.nats.publish(client.names.subjects.output(from, "d1"), JSON.stringify(output));
  await client.nats.flush();
  await client.nats.flush();
  stop();
  return heard.map(({ lines }) => lines);
};

test("live output is that of the agent that has the deployment's task, and nobody else's", async () => {
  const messages = [
    ["mallory", printed("all is well")],
    ["deployer", printed("compiling")],
    ["old-deployer", printed("me too")],
  ] as const;
  expect(await heardOf("deployer", messages)).toEqual([["compiling"]]);
  expect(await heardOf(undefined, messages)).toEqual([]);
});

test("live output is bounded, also that of the agent", async () => {
  const huge = printed("x".repeat(100_000));
  const long = printed("x".repeat(2_000));
  const many = printed(...Array.from({ length: 101 }, () => "y"));
  expect(
    await heardOf(
      "deployer",
      [huge, long, many, printed("ok")].map((one) => ["deployer", one]),
    ),
  ).toEqual([["ok"]]);
  const flood = Array.from({ length: 1_000 }, () => ["deployer", printed("z")] as const);
  // They may come in two seconds.
  expect((await heardOf("deployer", flood)).length).toBeLessThanOrEqual(200);
});
