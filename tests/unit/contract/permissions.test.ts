import { expect, test } from "@jest/globals";
import { commands } from "../../../src/contract/commands.ts";
import { names } from "../../../src/contract/names.ts";
import { doorsOf, ownName, permissionsOf, reaches, readable } from "../../../src/contract/permissions.ts";
import { type CommandSpec, type Role, roles } from "../../../src/domain/kernel/mod.ts";

const known = names();

/** Returns whether a pattern of NATS covers a subject. */
const covers = (pattern: string, subject: string): boolean => {
  const [tokens, wanted] = [pattern.split("."), subject.split(".")];
  return (
    tokens.every(
      (token, index) =>
        token === ">" ||
        (wanted[index] !== undefined && [token, "*"].includes(token) && (token === "*" || token === wanted[index])),
    ) && (tokens.at(-1) === ">" ? wanted.length >= tokens.length : wanted.length === tokens.length)
  );
};

/** What a user called `ann` with these roles may publish to. */
const mayPublish = (given: ReadonlyArray<Role>, subject: string): boolean =>
  permissionsOf(given).publish.some((pattern) => covers(pattern.replaceAll(ownName, "ann"), subject));

const publicCommands = Object.entries<Readonly<Record<string, CommandSpec>>>(commands).flatMap(([aggregate, specs]) =>
  Object.entries(specs)
    .filter(([, { audience }]) => audience === "public")
    .map(([name]) => [aggregate, name] as const),
);

test("every subject of the contract has a rule", () => {
  expect(Object.keys(reaches).sort()).toEqual(Object.keys(known.subjects).sort());
});

test("every public command can be given by somebody, and no internal one", () => {
  const internal = Object.entries<Readonly<Record<string, CommandSpec>>>(commands).flatMap(([aggregate, specs]) =>
    Object.entries(specs)
      .filter(([, { audience }]) => audience !== "public")
      .map(([name]) => known.subjects.command("ann", aggregate, "ann", name)),
  );
  expect(internal.length).toBeGreaterThan(0);
  expect(internal.filter((subject) => mayPublish(roles, subject))).toEqual([]);
  const given = publicCommands.map(([aggregate, name]) => known.subjects.command("ann", aggregate, "ann", name));
  expect(given.filter((subject) => !mayPublish(roles, subject))).toEqual([]);
});

test("nobody may speak for another principal, or as the backend", () => {
  const others = [
    ...publicCommands.map(([aggregate, name]) => known.subjects.command("bob", aggregate, "x", name)),
    known.subjects.heartbeat("bob"),
    known.subjects.announcement("bob", "x"),
    known.subjects.output("bob", "x"),
    known.subjects.draft("bob", "x"),
    known.subjects.reading("bob", "feed"),
    known.subjects.renewal("bob"),
    known.subjects.arrangement("bob", "x"),
    known.subjects.event("graph", "x"),
    known.subjects.feed("graph", "imported", 1, "x"),
    known.subjects.inbox("ann", "task"),
    known.subjects.timerFired("x"),
    known.subjects.timerSchedule("x"),
    `$KV.${known.buckets.leases}.x`,
    `$JS.API.STREAM.DELETE.${known.streams.events}`,
  ];
  expect(others.filter((subject) => mayPublish(roles, subject))).toEqual([]);
});

test("a row that names a role lets that role in; a row of relations lets everybody in who takes part", () => {
  expect(mayPublish(["operator"], "cim.cmd.ann.deployment.x.request")).toBe(true);
  expect(mayPublish(["participant"], "cim.cmd.ann.deployment.x.request")).toBe(false);
  expect(mayPublish(["participant"], "cim.cmd.ann.task.x.complete")).toBe(true);
  expect(mayPublish(["viewer"], "cim.cmd.ann.task.x.complete")).toBe(false);
});

test("what is for oneself alone has one's own name as the id, but for an admin", () => {
  expect(mayPublish(["participant"], "cim.cmd.ann.agent.ann.register")).toBe(true);
  expect(mayPublish(["participant"], "cim.cmd.ann.agent.bob.register")).toBe(false);
  expect(mayPublish(["admin"], "cim.cmd.ann.agent.bob.deregister")).toBe(true);
});

test("the account of the peers gets no door to a stream but the readable ones and the inboxes", () => {
  const streams = new Set([...readable(known), known.streams.inbox]);
  const doors = doorsOf(known).map(({ subject }) => subject);
  const named = doors.filter((subject) => subject.startsWith("$JS.API.")).map((subject) => subject.split("."));
  expect(named.every((tokens) => tokens.some((token) => streams.has(token)))).toBe(true);
  const verbs = new Set(
    named.map((tokens) =>
      tokens
        .slice(2)
        .filter((token) => !streams.has(token) && token !== "*")
        .join("."),
    ),
  );
  expect([...verbs].sort()).toEqual(["CONSUMER.INFO", "CONSUMER.MSG.NEXT", "STREAM.INFO"]);
});
