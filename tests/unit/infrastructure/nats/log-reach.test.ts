import { expect, test } from "@jest/globals";
import type { StreamInfo } from "@nats-io/jetstream";
import { LogReach } from "../../../../src/infrastructure/nats/log-reach.ts";

type Cluster = StreamInfo["cluster"];

/** What the leader says to each look, the last of these again and again. */
const looking = (...answers: ReadonlyArray<Cluster | Error>) => {
  const left = [...answers];
  return async (): Promise<StreamInfo> => {
    const answer = left.length > 1 ? left.shift() : left[0];
    if (answer instanceof Error) throw answer;
    // Nothing else of it is looked at.
    return { cluster: answer } as StreamInfo;
  };
};

const replica = (current: boolean, active = 0) => ({ name: "n", current, active, offline: false, lag: 0 });
const whole: NonNullable<Cluster> = { name: "c", leader: "n0", replicas: [replica(true), replica(true)] };
const alone: NonNullable<Cluster> = { name: "c", leader: "n0", replicas: [replica(false), replica(false)] };
const silent = new Error("timeout");

const changed = (reach: LogReach) => new Promise<void>((resolve) => reach.onChange(resolve));

test.each<[string, Cluster | Error, string]>([
  ["is silent", silent, "timeout"],
  ["there is none", { ...whole, leader: "" }, "it has no leader"],
  ["has lost the other replicas", alone, "its leader has lost the other replicas"],
  [
    "has not heard of them for seconds",
    { ...whole, replicas: [replica(true, 5e9), replica(true, 6e9)] },
    "its leader has lost the other replicas",
  ],
])(
  "after a write that was not acknowledged the log is out of reach if its leader %s, until it answers",
  async (_, answer, why) => {
    const reach = new LogReach(looking(answer, whole), false);
    expect(reach.trouble).toBeUndefined();
    reach.doubt();
    await changed(reach);
    expect(reach.trouble).toBe(why);
    await changed(reach);
    expect(reach.trouble).toBeUndefined();
    reach.close();
  },
);

test("one replica of three may be away, and a single server has none", async () => {
  for (const answer of [{ ...whole, replicas: [replica(true), replica(false)] }, undefined]) {
    let looks = 0;
    const look = looking(answer);
    const seen = new Promise<void>((resolve) => {
      const reach = new LogReach(() => {
        looks += 1;
        if (looks === 1) setImmediate(resolve);
        return look();
      }, false);
      reach.doubt();
      reach.onChange(() => {
        throw new Error("it is in reach");
      });
    });
    await seen;
    expect(looks).toBe(1);
  }
});

test("a replicated log whose writes no server takes is out of reach at once, until its leader answers", async () => {
  const reach = new LogReach(looking(silent, whole), true);
  reach.noTaker();
  expect(reach.trouble).toBe("it has no leader");
  await changed(reach);
  expect(reach.trouble).toBeUndefined();
  reach.close();
  const single = new LogReach(looking(silent), false);
  single.noTaker();
  expect(single.trouble).toBeUndefined();
});
