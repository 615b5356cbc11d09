import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  credsAuthenticator,
  connect as dial,
  headers,
  type NatsConnection,
  PermissionViolationError,
} from "@nats-io/transport-node";
import { commands } from "../../../src/contract/commands.ts";
import { names } from "../../../src/contract/names.ts";
import { ownName, permissionsOf } from "../../../src/contract/permissions.ts";
import { type CommandSpec, type Role, roles } from "../../../src/domain/kernel/mod.ts";
import { type ClosedLeaf, closedLeaf, patiently } from "../../support/closed.ts";

/** One user for each role, who is called after it, and one more for what they must not reach. */
const users = { ...Object.fromEntries(roles.map((role) => [role, [role]])), victim: ["participant"] } as Readonly<
  Record<string, ReadonlyArray<Role>>
>;
const { subjects, streams, buckets, consumers, peerApi } = names();

let leaf: ClosedLeaf;
const connections = new Map<Role, NatsConnection>();

beforeAll(async () => {
  leaf = await closedLeaf(users);
  for (const role of roles) {
    const credentials = new TextEncoder().encode(await leaf.credentials(role));
    const options = { servers: leaf.url, tls: { ca: leaf.ca }, inboxPrefix: `_INBOX_${role}` };
    const nc = await patiently(() => dial({ ...options, authenticator: credsAuthenticator(credentials) }));
    connections.set(role, nc);
  }
}, 120_000);

afterAll(async () => {
  for (const nc of connections.values()) await nc.close();
  await leaf?.dispose();
}, 60_000);

/** Nobody may publish to it. Its refusal shows that what was sent before has been looked at. */
const last = "nobody.may.publish.here";

/** What the server refuses of all that `act` sends: the operation, and the subject. */
const refused = async (role: Role, act: (nc: NatsConnection) => void): Promise<ReadonlySet<string>> => {
  const nc = connections.get(role);
  if (nc === undefined) throw new Error(`no connection of ${role}`);
  const found = new Set<string>();
  const statuses = nc.status();
  act(nc);
  nc.publish(last);
  for await (const status of statuses) {
    if (status.type !== "error" || !(status.error instanceof PermissionViolationError)) continue;
    if (status.error.subject === last) break;
    found.add(`${status.error.operation} ${status.error.subject}`);
  }
  return found;
};

const publicCommands = Object.entries<Readonly<Record<string, CommandSpec>>>(commands).flatMap(([aggregate, specs]) =>
  Object.entries(specs)
    .filter(([, { audience }]) => audience === "public")
    .map(([name]) => [aggregate, name] as const),
);

/** What nobody may publish to, whatever its role. */
const forbidden = [
  ...publicCommands.map(([aggregate, name]) => subjects.command("victim", aggregate, "victim", name)),
  subjects.command("admin-2", "graph", "x", "archive"),
  subjects.heartbeat("victim"),
  subjects.announcement("victim", "x"),
  subjects.output("victim", "x"),
  subjects.draft("victim", "x"),
  subjects.reading("victim", "feed"),
  subjects.renewal("victim"),
  subjects.arrangement("victim", "x"),
  subjects.event("graph", "x"),
  subjects.event("principal", "admin"),
  subjects.feed("graph", "imported", 1, "x"),
  subjects.inbox("victim", "task"),
  subjects.inboxProgress,
  subjects.timerSchedule("x"),
  subjects.timerFired("x"),
  subjects.timersArmed("x"),
  ...Object.values(buckets).map((bucket) =>
    typeof bucket === "string" ? `$KV.${bucket}.x` : `$KV.${bucket("principals")}.admin`,
  ),
  `$O.${buckets.artifacts}.C.x`,
  "_INBOX_victim.x",
  "_INBOX.x",
  "_R_.x.y",
  ...Object.values(streams).flatMap((stream) => [
    `$JS.API.STREAM.DELETE.${stream}`,
    `$JS.API.STREAM.PURGE.${stream}`,
    `$JS.API.STREAM.MSG.GET.${stream}`,
    `$JS.API.STREAM.MSG.DELETE.${stream}`,
    `$JS.API.DIRECT.GET.${stream}`,
    `$JS.API.CONSUMER.CREATE.${stream}`,
    `$JS.API.CONSUMER.CREATE.${stream}.x`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.x`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumers.inbox("victim")}`,
    `${peerApi}.CONSUMER.CREATE.${stream}.x`,
    `${peerApi}.CONSUMER.DELETE.${stream}.${consumers.inbox("victim")}`,
    `${peerApi}.CONSUMER.MSG.NEXT.${stream}.${consumers.inbox("victim")}`,
    `${peerApi}.CONSUMER.MSG.NEXT.${stream}.${consumers.reader(0, "victim")}`,
    `${peerApi}.STREAM.MSG.GET.${stream}`,
  ]),
  `$JS.ACK.${streams.inbox}.${consumers.inbox("victim")}.1.1.1.1.0`,
  `$JS.ACK._._.${streams.inbox}.${consumers.inbox("victim")}.1.1.1.1.0`,
  "$SYS.REQ.CLAIMS.UPDATE",
  "$SYS.REQ.SERVER.PING",
  "$SYS.REQ.ACCOUNT.x.CLAIMS.UPDATE",
  "$SRV.PING.other",
];

/** What nobody may subscribe to. Commands are among them: whoever gets them could answer in the backend's place. */
const secret = [
  ">",
  "*.>",
  subjects.allCommands,
  subjects.allQueries,
  subjects.allReadings,
  subjects.allRenewals,
  subjects.allEvents,
  subjects.allInboxes,
  subjects.inboxOf("victim"),
  subjects.allTimers,
  subjects.allHeartbeats,
  "_INBOX.>",
  "_INBOX_victim.>",
  "_R_.>",
  "$KV.>",
  "$O.>",
  "$JS.>",
  "$JS.EVENT.ADVISORY.>",
  "$SYS.>",
];

describe.each(roles)("a user with the role %s", (role) => {
  test("is refused every subject that is not its own", async () => {
    const found = await refused(role, (nc) => {
      for (const subject of forbidden) nc.publish(subject, "{}");
    });
    expect(forbidden.filter((subject) => !found.has(`publish ${subject}`))).toEqual([]);
  });

  test("is refused every command that its role does not give", async () => {
    const allowed = new Set(permissionsOf([role]).publish.map((subject) => subject.replaceAll(ownName, role)));
    const others = publicCommands
      .map(([aggregate, name]) => [
        subjects.command(role, aggregate, "*", name),
        subjects.command(role, aggregate, "x", name),
      ])
      .filter(([any = ""]) => !allowed.has(any))
      .map(([, one = ""]) => one);
    const found = await refused(role, (nc) => {
      for (const subject of others) nc.publish(subject, "{}");
    });
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter((subject) => !found.has(`publish ${subject}`))).toEqual([]);
  });

  test("hears nothing that is not for it", async () => {
    const found = await refused(role, (nc) => {
      for (const subject of secret) nc.subscribe(subject, { callback: () => {} });
      nc.subscribe(subjects.allCommands, { queue: names().queues.commands, callback: () => {} });
    });
    expect(secret.filter((subject) => !found.has(`subscription ${subject}`))).toEqual([]);
  });
});

test("what was refused has left no trace in any stream", async () => {
  const manager = await leaf.owner.jetstream.jetstreamManager();
  const { state: inbox } = await manager.streams.info(streams.inbox, { subjects_filter: subjects.inboxOf("victim") });
  const { state: timers } = await manager.streams.info(streams.timers, { subjects_filter: subjects.timerFired("x") });
  const { state: log } = await manager.streams.info(streams.events, { subjects_filter: subjects.event("graph", "x") });
  expect([inbox.subjects, timers.subjects, log.subjects]).toEqual([undefined, undefined, undefined]);
});

test("a reply subject that is forged stores nothing: answers go where the server says", async () => {
  const manager = await leaf.owner.jetstream.jetstreamManager();
  const before = (await manager.streams.info(streams.events)).state.last_seq;
  const nc = connections.get("participant");
  const reply = subjects.event("graph", "forged");
  nc?.publish("cim.qry.graphs.list", "{}", { reply });
  nc?.publish(subjects.command("participant", "task", "x", "complete"), "{}", { reply });
  nc?.publish(subjects.heartbeat("participant"), "{}", { reply });
  nc?.publish(`${peerApi}.STREAM.INFO.${streams.feed}`, "", { reply });
  nc?.publish("$SRV.PING.cim", "", { reply });
  await nc?.flush();
  // An answer to a later query shows that the earlier requests were handled.
  await nc?.request("cim.qry.graphs.list", "{}", { timeout: 20_000 });
  expect((await manager.streams.info(streams.events)).state.last_seq).toBe(before);
});

test("headers of the server change nothing in a stream", async () => {
  const nc = connections.get("participant");
  const manager = await leaf.owner.jetstream.jetstreamManager();
  const beat = headers();
  for (const [name, value] of [
    ["Nats-Rollup", "all"],
    ["Nats-Schedule", "@every 1s"],
    ["Nats-Schedule-Target", subjects.event("graph", "forged")],
    ["Nats-Trace-Dest", subjects.event("graph", "traced")],
  ] as const)
    beat.set(name, value);
  leaf.owner.nats.publish(subjects.heartbeat("somebody"), "{}");
  await leaf.owner.nats.flush();
  nc?.publish(subjects.heartbeat("participant"), "{}", { headers: beat });
  nc?.publish(subjects.draft("participant", "x"), "{}", { headers: beat });
  await nc?.flush();
  await nc?.request("cim.qry.graphs.list", "{}", { timeout: 20_000 });
  const { state } = await manager.streams.info(streams.heartbeats, { subjects_filter: subjects.heartbeat("somebody") });
  const { state: log } = await manager.streams.info(streams.events, { subjects_filter: "cim.evt.graph.*" });
  expect([state.subjects, log.subjects]).toEqual([{ [subjects.heartbeat("somebody")]: 1 }, undefined]);
});

/** Answers of the backend to a command of the participant, with these headers and this payload. */
const told = async (
  subject: string,
  given: Readonly<Record<string, string>> = {},
  payload = "{}",
): Promise<unknown> => {
  const wanted = headers();
  for (const [name, value] of Object.entries(given)) wanted.set(name, value);
  const answer = await connections.get("participant")?.request(subject, payload, { timeout: 20_000, headers: wanted });
  return answer?.json<{ readonly error?: { readonly code: string } }>().error?.code;
};

test("headers that say what the backend alone may say are refused", async () => {
  const subject = subjects.command("participant", "knowledge", "attacked", "assert-fact");
  const fact = JSON.stringify({ subject: "a", predicate: "b", object: "c" });
  const key = "UABOB7PMBCN6CYCPGNTNR6BLDYGVSQYA7FUQNUS6NUDJLLKQXGL3KFWR";
  expect([
    await told(subject, { "Cim-Command-Id": "internal:x" }, fact),
    await told(subject, { "Cim-Command-Id": "x", "Cim-Public-Key": key, "Cim-Signature": "AAAA" }, fact),
    await told(subject, { "Cim-Public-Key": key, "Cim-Command-Id": "x" }, fact),
    await told(subject, { "Cim-Expected-Version": "-1" }, fact),
    await told(subject, { "Cim-Correlation-Id": "a b" }, fact),
  ]).toEqual(["invalid-command", "unauthorized", "unauthorized", "invalid-command", "invalid-command"]);
  // What is stored has its number and its rollup from the backend, whatever the sender wrote.
  for (const name of ["Nats-Rollup", "Nats-TTL", "Nats-Expected-Last-Sequence", "Nats-Msg-Id"])
    expect(await told(subject, { [name]: name === "Nats-Rollup" ? "all" : "1" }, fact)).toBeUndefined();
  const manager = await leaf.owner.jetstream.jetstreamManager();
  const log = subjects.event("knowledge", "attacked");
  const { state } = await manager.streams.info(streams.events, { subjects_filter: log });
  expect(Object.keys(state.subjects ?? {})).toEqual([log]);
});

test("wildcards and odd characters in the place of an id are refused, and reach nobody else", async () => {
  const manager = await leaf.owner.jetstream.jetstreamManager();
  const before = (await manager.streams.info(streams.events)).state.last_seq;
  const ids = ["*", ">", "a.b", "%2a", "a=b", "{{name()}}", "é", "\u202e", "$", "x".repeat(1_000)];
  const nc = connections.get("participant");
  for (const id of ids) nc?.publish(subjects.command("participant", "knowledge", id, "assert-fact"), "{}");
  for (const name of ["*", ">", "assert-fact.x", "Assert-Fact"])
    nc?.publish(subjects.command("participant", "knowledge", "attacked", name), "{}");
  expect(await told(subjects.command("participant", "knowledge", "%2a", "assert-fact"))).toBe("invalid-command");
  expect((await manager.streams.info(streams.events)).state.last_seq).toBe(before);
});

test("a payload as large as the server takes is answered, and a storm of strangers keeps nobody out", async () => {
  const nc = connections.get("participant");
  const large = JSON.stringify({ subject: "x".repeat((nc?.info?.max_payload ?? 0) - 4_096) });
  expect(await told(subjects.command("participant", "knowledge", "large", "assert-fact"), {}, large)).toBe(
    "invalid-command",
  );
  const stranger = () => dial({ servers: leaf.url, tls: { ca: leaf.ca }, reconnect: false, timeout: 60_000 });
  const storm = Array.from({ length: 100 }, () => stranger().catch(() => "refused"));
  expect(await told("cim.qry.graphs.list")).toBeUndefined();
  expect(new Set(await Promise.all(storm))).toEqual(new Set(["refused"]));
});

test("more subscriptions than an honest client needs are refused", async () => {
  const authenticator = credsAuthenticator(new TextEncoder().encode(await leaf.credentials("victim")));
  const options = { servers: leaf.url, tls: { ca: leaf.ca }, inboxPrefix: "_INBOX_victim", reconnect: false };
  const nc = await patiently(() => dial({ ...options, authenticator }));
  const ended = nc.closed();
  let told = false;
  (async () => {
    for await (const { type } of nc.status()) if (type === "error") told = true;
  })();
  for (let index = 0; index < 2_100; index += 1) nc.subscribe(`_INBOX_victim.${index}`, { callback: () => {} });
  await Promise.race([nc.flush(), ended]);
  expect(told || nc.isClosed()).toBe(true);
  await nc.close();
});
