import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Effect } from "effect";
import { isConflict } from "../../../../src/infrastructure/nats/api-errors.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

type Connection = NatsConnection["Service"];

/** With a stream of its own, on `<name>.>`. */
const onStream = (body: (connection: Connection, name: string) => Promise<void>) =>
  Effect.gen(function* () {
    const connection = yield* NatsConnection;
    const name = `${connection.names.prefix}-${crypto.randomUUID().slice(0, 8)}`;
    yield* Effect.promise(() => connection.jsm.streams.add({ name, subjects: [`${name}.>`] }));
    yield* Effect.promise(() => body(connection, name));
    yield* Effect.promise(() => connection.jsm.streams.delete(name));
  }).pipe(Effect.provide(nats.connection()), Effect.runPromise);

describe("publishing to a stream", () => {
  test("is acknowledged with the message's number, each message its own", () =>
    onStream(async ({ publish }, name) => {
      const all = await Promise.all(Array.from({ length: 300 }, (_, index) => publish(`${name}.a`, String(index))));
      expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
      expect(all[0]).toMatchObject({ stream: name });
    }));

  test("tells a repetition by its id", () =>
    onStream(async ({ publish }, name) => {
      expect(await publish(`${name}.a`, "1", { msgID: "one" })).not.toMatchObject({ duplicate: true });
      expect(await publish(`${name}.a`, "1", { msgID: "one" })).toMatchObject({ seq: 1, duplicate: true });
    }));

  test("is refused where another message is the last one", () =>
    onStream(async ({ publish }, name) => {
      await publish(`${name}.a`, "1", { expect: { lastSubjectSequence: 0 } });
      await publish(`${name}.b`, "2", { expect: { lastSequence: 1 } });
      for (const expect_ of [{ lastSubjectSequence: 0 }, { lastSequence: 1 }]) {
        const refused = await publish(`${name}.a`, "3", { expect: expect_ }).catch((error: unknown) => error);
        expect(isConflict(refused)).toBe(true);
      }
      expect(await publish(`${name}.a`, "3", { expect: { lastSubjectSequence: 1, lastSequence: 2 } })).toMatchObject({
        seq: 3,
      });
    }));

  test("fails where no stream has the subject, or something else answers, or nothing does", () =>
    onStream(async ({ nc, publish }, name) => {
      await expect(publish(`other-${name}`, "1")).rejects.toThrow(`no stream takes other-${name}`);
      for (const answer of ["rubbish", "{}", "null", '{"seq":"1"}']) {
        const subscription = nc.subscribe(`other-${name}`, { callback: (_, message) => void message.respond(answer) });
        await expect(publish(`other-${name}`, "1")).rejects.toThrow(`\`${answer}\``);
        subscription.unsubscribe();
      }
      nc.subscribe(`other-${name}`, { callback: () => {} });
      await expect(publish(`other-${name}`, "1")).rejects.toThrow("within 5 s");
      await expect(publish("not a subject", "1")).rejects.toThrow();
    }));

  test("fails at once when the connection is lost under it, and works on when it is back", async () => {
    if (!nats.controllable) return;
    await onStream(async ({ nc, publish, onReconnect }, name) => {
      nc.subscribe(`other-${name}`, { callback: () => {} });
      const back = new Promise<void>((resolve) => void onReconnect(resolve));
      const waiting = publish(`other-${name}`, "1");
      const failed = expect(waiting).rejects.toThrow("connection to the nats-server was lost");
      await nc.flush();
      await nats.kill();
      await failed;
      await nats.start();
      await back;
      expect(await publish(`${name}.a`, "1")).toMatchObject({ seq: 1 });
    });
  });
});
