import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { noSessionFile, sessionFile } from "../../../../src/interfaces/http/session-file.ts";
import { idleLifetime, linkLifetime, longestLifetime, Sessions } from "../../../../src/interfaces/http/sessions.ts";

const nobody = () => Promise.reject(new Error("no connection is needed here"));

const sessionsAt = () => {
  const clock = { now: 1_000_000 };
  return { clock, sessions: new Sessions(nobody, noSessionFile, () => clock.now) };
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

  test("gives way to more of the same person, never because of what another one does", () => {
    const { sessions, clock, secret } = loggedIn();
    const more = (person: string, count: number) =>
      Array.from({ length: count }, () => {
        clock.now += 1;
        return sessions.logIn(sessions.newLink(person)) ?? "";
      });
    more("eve", 200);
    expect(sessions.find(secret)?.principal).toBe("ann");
    expect(sessions.size).toBe(17);
    const last = more("ann", 16);
    expect(sessions.find(secret)).toBeUndefined();
    expect(last.every((other) => sessions.find(other) !== undefined)).toBe(true);
    for (const person of ["a", "b", "c", "d", "e", "f"]) more(person, 12);
    expect(sessions.size).toBe(64);
  });

  test("waits for its link however many others are asked for", () => {
    const { sessions } = sessionsAt();
    const link = sessions.newLink("ann");
    for (let made = 0; made < 200; made++) sessions.newLink("eve");
    expect(sessions.personOf(link)).toBe("ann");
    expect(sessions.logIn(link)).toBeDefined();
    expect(sessions.personOf(link)).toBeUndefined();
  });
});

describe("a file of sessions", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cim-sessions-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const restarted = async (file: string, now = 1_000_000) => {
    const sessions = new Sessions(nobody, sessionFile(file), () => now);
    await sessions.restore();
    return sessions;
  };

  test("keeps people logged in over a restart, and nobody who has logged out", async () => {
    const file = join(folder, "kept.json");
    const before = await restarted(file);
    const [ann = "", bob = ""] = ["ann", "bob"].map((person) => before.logIn(before.newLink(person)));
    await before.logOut(bob);
    // Killed: nothing is closed in order.
    const after = await restarted(file);
    expect(after.find(ann)?.principal).toBe("ann");
    expect(after.find(bob)).toBeUndefined();
    expect((await restarted(file, 1_000_000 + longestLifetime)).find(ann)).toBeUndefined();
  });

  test("logs nobody in who reads it, and is for its owner only", async () => {
    const file = join(folder, "secret.json");
    const sessions = await restarted(file);
    const secret = sessions.logIn(sessions.newLink("ann")) ?? "";
    await sessions.close();
    const text = await readFile(file, "utf8");
    expect(text).not.toContain(secret);
    const [{ digest }] = JSON.parse(text);
    expect((await restarted(file)).find(digest)).toBeUndefined();
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  test("that is damaged is as good as none", async () => {
    const file = join(folder, "damaged.json");
    for (const text of ["", "{", "[1]", '[{"digest": 7}]', "null"]) {
      await writeFile(file, text);
      expect((await restarted(file)).size).toBe(0);
    }
  });
});
