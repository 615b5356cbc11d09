import { describe, expect, test } from "@jest/globals";
import { idleLifetime, linkLifetime, longestLifetime, Sessions } from "../../../../src/interfaces/http/sessions.ts";

const nobody = () => Promise.reject(new Error("no connection is needed here"));

const sessionsAt = () => {
  const clock = { now: 1_000_000 };
  return { clock, sessions: new Sessions(nobody, () => clock.now) };
};

describe("a log-in link", () => {
  test("logs in once, as the person it was made for", () => {
    const { sessions } = sessionsAt();
    const link = sessions.newLink("ann");
    const secret = sessions.logIn(link);
    expect(sessions.find(secret)?.principal).toBe("ann");
    expect(sessions.logIn(link)).toBeUndefined();
    expect(secret).not.toBe(link);
  });

  test("is of no use after its time, and neither is one that was made up", () => {
    const { sessions, clock } = sessionsAt();
    const link = sessions.newLink("ann");
    clock.now += linkLifetime;
    expect(sessions.logIn(link)).toBeUndefined();
    expect(sessions.logIn("")).toBeUndefined();
    expect(sessions.find("")).toBeUndefined();
    expect(sessions.find(undefined)).toBeUndefined();
  });
});

describe("a session", () => {
  const loggedIn = () => {
    const { sessions, clock } = sessionsAt();
    const secret = sessions.logIn(sessions.newLink("ann")) ?? "";
    return { sessions, clock, secret };
  };

  test("ends by logging out", async () => {
    const { sessions, secret } = loggedIn();
    const session = sessions.find(secret);
    await sessions.logOut(secret);
    expect(session?.ended.aborted).toBe(true);
    expect(sessions.find(secret)).toBeUndefined();
  });

  test("ends some time after its last use, and goes on while it is used", () => {
    const { sessions, clock, secret } = loggedIn();
    for (let uses = 0; uses < 3; uses++) {
      clock.now += idleLifetime - 1;
      expect(sessions.find(secret)).toBeDefined();
    }
    clock.now += idleLifetime;
    expect(sessions.find(secret)).toBeUndefined();
  });

  test("an open stream is a use", () => {
    const { sessions, clock, secret } = loggedIn();
    const session = sessions.find(secret);
    if (session !== undefined) session.tabs = 1;
    clock.now += idleLifetime - 1;
    sessions.sweep();
    clock.now += 2;
    expect(sessions.find(secret)).toBeDefined();
  });

  test("ends after the longest time although it is used", () => {
    const { sessions, clock, secret } = loggedIn();
    const session = sessions.find(secret);
    for (const end = clock.now + longestLifetime; clock.now < end; clock.now += idleLifetime / 2) sessions.find(secret);
    expect(sessions.find(secret)).toBeUndefined();
    expect(session?.ended.aborted).toBe(true);
  });

  test("gives way, if there are too many, when it was used longest ago", () => {
    const { sessions, clock, secret } = loggedIn();
    const others = Array.from({ length: 64 }, () => {
      clock.now += 1;
      return sessions.logIn(sessions.newLink("bob")) ?? "";
    });
    expect(sessions.size).toBe(64);
    expect(sessions.find(secret)).toBeUndefined();
    expect(others.every((other) => sessions.find(other) !== undefined)).toBe(true);
  });
});
