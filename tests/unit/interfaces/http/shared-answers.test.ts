import { expect, jest, test } from "@jest/globals";
import type { Msg } from "@nats-io/nats-core";
import { SharedAnswers } from "../../../../src/interfaces/http/shared-answers.ts";

const reply = (text: string): Msg => ({ string: () => text }) as Msg;
const isRefusal = (answer: Msg) => answer.string() === "refused";

test("tabs that ask the same get one answer, and another position is another question", async () => {
  const answers = new SharedAnswers();
  const ask = jest.fn(async () => reply("ok"));
  const [one, other] = await Promise.all([
    answers.get(["graphs.list", "7"], ask, isRefusal),
    answers.get(["graphs.list", "7"], ask, isRefusal),
  ]);
  expect([one === other, ask.mock.calls.length]).toEqual([true, 1]);
  await answers.get(["graphs.list", "7"], ask, isRefusal);
  expect(ask).toHaveBeenCalledTimes(1);
  await answers.get(["graphs.list", "8"], ask, isRefusal);
  expect(ask).toHaveBeenCalledTimes(2);
});

test("neither a refusal nor a failure is kept, and an answer not for long", async () => {
  const answers = new SharedAnswers();
  await answers.get(["a"], async () => reply("refused"), isRefusal);
  await answers.get(["a"], () => Promise.reject(new Error("lost")), isRefusal).catch(() => undefined);
  expect((await answers.get(["a"], async () => reply("ok"), isRefusal)).string()).toBe("ok");
  jest.useFakeTimers();
  try {
    await answers.get(["b"], async () => reply("old"), isRefusal);
    await jest.advanceTimersByTimeAsync(1_000);
    expect((await answers.get(["b"], async () => reply("new"), isRefusal)).string()).toBe("new");
  } finally {
    jest.useRealTimers();
  }
});
