import { expect, test } from "@jest/globals";
import { memberUnless } from "../../../../src/infrastructure/nats/micro-service.ts";

/** A log that goes out of reach and comes back, and a group with its members. */
const group = () => {
  const listeners = new Set<() => void>();
  let members = 0;
  let left: () => void = () => {};
  const reach = {
    trouble: undefined as string | undefined,
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return {
    reach,
    members: () => members,
    listeners,
    become: (trouble: string | undefined) => {
      reach.trouble = trouble;
      for (const listener of listeners) listener();
    },
    left: () =>
      new Promise<void>((resolve) => {
        left = resolve;
      }),
    join: () => {
      members += 1;
      let closed = false;
      return {
        isClosed: () => closed,
        drain: async () => {
          closed = true;
          members -= 1;
          left();
        },
      };
    },
  };
};

test("a backend leaves the queue group while the log is out of reach, and comes back once", async () => {
  const { reach, become, members, join, left } = group();
  memberUnless([{ absence: reach, patience: 0 }], join);
  expect(members()).toBe(1);
  const gone = left();
  become("no leader");
  await gone;
  expect(members()).toBe(0);
  become(undefined);
  become(undefined);
  expect(members()).toBe(1);
});

test("an election that is over in time changes nothing, and who has left for good stays away", async () => {
  const { reach, become, members, join, listeners } = group();
  const leave = memberUnless([{ absence: reach, patience: 60_000 }], join);
  become("no leader");
  become(undefined);
  expect(members()).toBe(1);
  await leave();
  expect(members()).toBe(0);
  expect(listeners.size).toBe(0);
});

test("of two reasons the impatient one counts, and both must have ended", async () => {
  const [slow, quick] = [group(), group()];
  memberUnless(
    [
      { absence: slow.reach, patience: 60_000 },
      { absence: quick.reach, patience: 0 },
    ],
    quick.join,
  );
  slow.become("no leader");
  const gone = quick.left();
  quick.become("newer events");
  await gone;
  quick.become(undefined);
  expect(quick.members()).toBe(0);
  slow.become(undefined);
  expect(quick.members()).toBe(1);
});
