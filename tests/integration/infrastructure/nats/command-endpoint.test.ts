import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createUser } from "@nats-io/nkeys";
import { type NatsConnection as CoreConnection, connect, headers, type Payload } from "@nats-io/transport-node";
import { Effect, Layer, Logger, ManagedRuntime } from "effect";
import { CommandError } from "../../../../src/application/command-error.ts";
import { CommandHandling } from "../../../../src/application/command-handling.ts";
import type { CommandAccepted, CommandRequest } from "../../../../src/application/command-request.ts";
import { digestsLayer } from "../../../../src/infrastructure/digests.ts";
import { commandEndpoint } from "../../../../src/infrastructure/nats/command-endpoint.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { MicroService } from "../../../../src/infrastructure/nats/micro-service.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
let client: CoreConnection;
let runtime: ManagedRuntime.ManagedRuntime<MicroService | NatsConnection, unknown>;
/** What reached the application. */
let handled: Array<CommandRequest> = [];
/** What the application does with it. */
let handle: (request: CommandRequest) => Effect.Effect<CommandAccepted, CommandError>;

const accepted: CommandAccepted = {
  aggregate: "graph",
  id: "web-shop",
  version: 1,
  position: 7,
  commandId: "c1",
  events: ["graph-created"],
  duplicate: false,
};

beforeAll(async () => {
  nats = await testNats();
  client = await connect({ servers: nats.url });
  const handling = Layer.succeed(
    CommandHandling,
    CommandHandling.of({
      handle: (request) => {
        handled.push(request);
        return handle(request);
      },
    }),
  );
  runtime = ManagedRuntime.make(
    commandEndpoint.pipe(
      Layer.provideMerge(MicroService.layer("1.2.3")),
      Layer.provideMerge(nats.connection()),
      Layer.provide([handling, digestsLayer, Logger.layer([])]),
    ),
  );
  await runtime.context();
  await client.flush();
});
beforeEach(() => {
  handled = [];
  handle = () => Effect.succeed(accepted);
});
afterAll(async () => {
  await runtime.dispose();
  await client.close();
  await nats.dispose();
});

/** Asks on `<prefix>.cmd.<rest>` and gives the reply's JSON. */
const ask = async (rest: string, payload: Payload = "{}", given: Readonly<Record<string, string>> = {}) => {
  const requestHeaders = headers();
  for (const [name, value] of Object.entries(given)) requestHeaders.set(name, value);
  const reply = await client.request(`${nats.prefix}.cmd.${rest}`, payload, {
    headers: requestHeaders,
    timeout: 60_000,
  });
  return reply.json<{ readonly ok: boolean }>();
};

const refused = (code: string) => ({ ok: false, error: expect.objectContaining({ code }) });
const good = "alice.graph.web-shop.import";

describe("an accepted command", () => {
  test("is answered as the contract says", async () => {
    expect(await ask(good)).toEqual({ ok: true, ...accepted });
  });

  test("reaches the application with what subject, payload and headers say", async () => {
    await ask(good, JSON.stringify({ id: "web-shop" }), {
      "Cim-Command-Id": "c1",
      "Cim-Expected-Version": "3",
      "Cim-Correlation-Id": "k1",
      "cim-causation-id": "k0",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    });
    expect(handled).toEqual([
      {
        principal: "alice",
        aggregate: "graph",
        id: "web-shop",
        command: "import",
        payload: { id: "web-shop" },
        audience: "public",
        commandId: "c1",
        expectedVersion: 3,
        correlationId: "k1",
        causationId: "k0",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      },
    ]);
  });

  test("without a payload has an empty one", async () => {
    await ask(good, "");
    expect(handled[0]?.payload).toEqual({});
  });

  test("is handled without a reply subject too", async () => {
    client.publish(`${nats.prefix}.cmd.${good}`, "{}");
    await ask("alice.graph.other.import");
    while (handled.length < 2) await client.flush();
    expect(handled.map(({ id }) => id).toSorted()).toEqual(["other", "web-shop"]);
  });

  test("with a malformed traceparent loses that only", async () => {
    expect(await ask(good, "{}", { traceparent: "nonsense" })).toMatchObject({ ok: true });
    expect(handled[0]).not.toHaveProperty("traceparent");
  });
});

describe("what cannot be a command", () => {
  const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  test.each<[string, string, Payload, Record<string, string>]>([
    ["a subject too short", "alice.graph.web-shop", "{}", {}],
    ["a subject too long", "alice.graph.web-shop.import.more", "{}", {}],
    ["a principal of another form", "-alice.graph.web-shop.import", "{}", {}],
    ["no JSON", good, "{", {}],
    ["no UTF-8", good, new Uint8Array([0x22, 0xff, 0x22]), {}],
    ["JSON nested too deep", good, deep(65), {}],
    ["a depth bomb", good, deep(500_000), {}],
    ["a key __proto__", good, '{"a": [{"\\u005f_proto__": {"admin": true}}]}', {}],
    ["a key that is there twice", good, '{"a": 1, "a": 2}', {}],
    ["an integer that would be rounded", good, '{"a": 9007199254740993}', {}],
    ["a number that is not finite", good, '{"a": 1e400}', {}],
    ["half a character", good, '{"a": "\\ud800"}', {}],
    ["an expected version that is no number", good, "{}", { "Cim-Expected-Version": "three" }],
    ["a negative expected version", good, "{}", { "Cim-Expected-Version": "-1" }],
    ["a fractional expected version", good, "{}", { "Cim-Expected-Version": "1.5" }],
    ["an enormous expected version", good, "{}", { "Cim-Expected-Version": "9".repeat(30) }],
    ["a command id with a space", good, "{}", { "Cim-Command-Id": "a b" }],
    ["a command id too long", good, "{}", { "Cim-Command-Id": "a".repeat(257) }],
  ])("%s is invalid-command and not handled", async (_, subject, payload, given) => {
    expect(await ask(subject, payload, given)).toEqual(refused("invalid-command"));
    expect(handled).toEqual([]);
  });

  test("names each fault of a payload with its path, also under a signature", async () => {
    const payload = '{"a": {"b": 1, "b": 2}, "c": [1e400]}';
    const user = createUser();
    const text = `s9\n${nats.prefix}.cmd.${good}\n${createHash("sha256").update(payload).digest("hex")}`;
    const signed = {
      "Cim-Command-Id": "s9",
      "Cim-Public-Key": user.getPublicKey(),
      "Cim-Signature": Buffer.from(user.sign(new TextEncoder().encode(text))).toString("base64url"),
    };
    expect(await ask(good, payload, signed)).toMatchObject({
      error: {
        code: "invalid-command",
        details: [
          { field: "a.b", problem: "is there twice: leave one out" },
          { field: "c.0", problem: "`1e400` is larger than any number can be" },
        ],
      },
    });
    expect(handled).toEqual([]);
  });

  test("says how a subject looks", async () => {
    expect(await ask("alice.graph")).toMatchObject({
      error: { message: expect.stringContaining("<principal>.<aggregate>.<id>.<command>") },
    });
  });

  test("is told from brackets inside text", async () => {
    expect(await ask(good, JSON.stringify({ text: `${"[".repeat(200)}\\"` }))).toMatchObject({ ok: true });
  });
});

describe("a signature", () => {
  const user = createUser();
  const signedText = (commandId: string, payload: string) =>
    `${commandId}\n${nats.prefix}.cmd.${good}\n${createHash("sha256").update(payload).digest("hex")}`;
  const sign = (commandId: string, payload: string) => {
    const text = signedText(commandId, payload);
    return {
      "Cim-Command-Id": commandId,
      "Cim-Public-Key": user.getPublicKey(),
      "Cim-Signature": Buffer.from(user.sign(new TextEncoder().encode(text))).toString("base64url"),
    };
  };

  test("that fits goes with the command", async () => {
    const signed = sign("s1", '{"a":1}');
    expect(await ask(good, '{"a":1}', signed)).toMatchObject({ ok: true });
    expect(handled[0]?.signed).toEqual({
      publicKey: signed["Cim-Public-Key"],
      signature: signed["Cim-Signature"],
      text: signedText("s1", '{"a":1}'),
      payload: '{"a":1}',
    });
  });

  test("over another payload, subject or command id is unauthorized", async () => {
    const signed = sign("s1", '{"a":1}');
    expect(await ask(good, '{"a":2}', signed)).toEqual(refused("unauthorized"));
    expect(await ask("bob.graph.web-shop.import", '{"a":1}', signed)).toEqual(refused("unauthorized"));
    expect(await ask(good, '{"a":1}', { ...signed, "Cim-Command-Id": "s2" })).toEqual(refused("unauthorized"));
    expect(handled).toEqual([]);
  });

  test("without key or command id is unauthorized", async () => {
    const { "Cim-Public-Key": _, ...keyless } = sign("s1", "{}");
    expect(await ask(good, "{}", keyless)).toEqual(refused("unauthorized"));
  });
});

describe("every request is answered", () => {
  test("with the application's refusal", async () => {
    handle = () => Effect.fail(new CommandError({ code: "rejected", message: "no", details: { reason: "archived" } }));
    expect(await ask(good)).toEqual({
      ok: false,
      error: { code: "rejected", message: "no", details: { reason: "archived" } },
    });
  });

  test("where the application has a fault", async () => {
    handle = () => Effect.die(new Error("secret path /etc/shadow"));
    const reply = await ask(good);
    expect(reply).toEqual(refused("unavailable"));
    expect(JSON.stringify(reply)).not.toContain("secret");
    handle = () => {
      throw new Error("thrown");
    };
    expect(await ask(good)).toEqual(refused("unavailable"));
  });

  test("when many come at once and each waits for others", async () => {
    let together = 0;
    handle = () =>
      Effect.gen(function* () {
        together += 1;
        while (together < 100) yield* Effect.sleep("1 millis");
        return accepted;
      });
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, index) => ask(`alice.graph.shop-${index}.import`)),
    );
    expect(replies).toEqual(Array.from({ length: 100 }, () => ({ ok: true, ...accepted })));
  });

  test("where the answer is larger than a message", async () => {
    handle = () => Effect.succeed({ ...accepted, events: ["x".repeat(9_000_000)] });
    expect(await ask(good)).toEqual(refused("rejected"));
    handle = () => Effect.succeed(accepted);
    expect(await ask(good)).toMatchObject({ ok: true });
  });
});

describe("while one aggregate is flooded by somebody who has gone", () => {
  const flood = 3_000;
  const others = () => handled.filter(({ principal }) => principal !== "mallory").length;
  let goOn: () => void;

  beforeEach(async () => {
    const open = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    handle = ({ principal }) =>
      principal === "mallory"
        ? Effect.as(
            Effect.promise(() => open),
            accepted,
          )
        : Effect.succeed(accepted);
    const gone = await connect({ servers: nats.url });
    for (let index = 0; index < flood; index += 1) {
      gone.publish(`${nats.prefix}.cmd.mallory.graph.g0.import`, "{}", { reply: "_INBOX.gone.1" });
    }
    // All of the flood has to be there: after a part of it another command would only wait.
    await gone.flush();
    await gone.close();
  });
  afterEach(() => goOn());

  test("others are answered, and little of the flood is worked on", async () => {
    expect(await ask(good)).toMatchObject({ ok: true });
    expect(await ask("mallory-two.graph.g1.import")).toMatchObject({ ok: true });
    expect(others()).toBe(2);
    expect(handled.length).toBeLessThan(20);
    goOn();
  });

  test("more at that aggregate is refused at once, with when to come again", async () => {
    expect(await ask("bob.graph.g0.import")).toEqual({
      ok: false,
      error: {
        code: "rejected",
        message: expect.any(String),
        details: { reason: "overloaded", afterMilliseconds: expect.any(Number) },
      },
    });
    goOn();
    // What waited is worked off, and then there is room again.
    let answer = await ask("bob.graph.g0.import");
    while (answer.ok !== true) answer = await ask("bob.graph.g0.import");
    expect(others()).toBe(1);
  });
});

test("a long line of commands that need no time is worked off when a place is free", async () => {
  const places = 128;
  let goOn = () => {};
  const open = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const slow = Effect.as(
    Effect.promise(() => open),
    accepted,
  );
  handle = () => (handled.length > places ? Effect.succeed(accepted) : slow);
  const replies = Array.from({ length: places + 4_096 }, (_, index) => ask(`mallory.graph.g${index % 32}.import`));
  while (handled.length < places) await client.flush();
  // What was sent before this is waiting when this is answered.
  expect(await ask("bob.graph.other.import")).toMatchObject({ ok: true });
  goOn();
  expect((await Promise.all(replies)).filter(({ ok }) => ok)).toHaveLength(replies.length);
});

test("what is decided while the connection is down is answered afterwards", async () => {
  const { nc } = await runtime.runPromise(NatsConnection);
  let decided = () => {};
  const decision = new Promise<void>((resolve) => {
    decided = resolve;
  });
  handle = () =>
    Effect.as(
      Effect.promise(() => decision),
      accepted,
    );
  const reply = ask(good);
  while (handled.length === 0) await client.flush();
  const disconnected = new Promise((resolve) =>
    (async () => {
      for await (const { type } of nc.status()) if (type === "disconnect") resolve(undefined);
    })(),
  );
  await nc.reconnect();
  await disconnected;
  decided();
  expect(await reply).toEqual({ ok: true, ...accepted });
});

describe("service discovery", () => {
  test.each(["PING", "INFO", "STATS"])("answers $SRV.%s, by name and instance too", async (verb) => {
    const one = (await client.request(`$SRV.${verb}.cim`)).json<{ id: string; type: string }>();
    expect(one).toMatchObject({
      name: "cim",
      version: "1.2.3",
      type: `io.nats.micro.v1.${verb.toLowerCase()}_response`,
    });
    expect((await client.request(`$SRV.${verb}.cim.${one.id}`)).json()).toMatchObject({ id: one.id });
    expect((await client.request(`$SRV.${verb}`)).json()).toMatchObject({ name: "cim" });
  });

  test("marks a refusal by its headers, and an accepting reply by none", async () => {
    const refusedReply = await client.request(`${nats.prefix}.cmd.ada.graph.shop.import`, "{", { timeout: 60_000 });
    expect(refusedReply.headers?.get("Nats-Service-Error-Code")).toBe("400");
    expect(refusedReply.headers?.get("Nats-Service-Error")).toContain("payload");
    const acceptedReply = await client.request(`${nats.prefix}.cmd.${good}`, "{}", { timeout: 60_000 });
    expect(acceptedReply.headers?.get("Nats-Service-Error-Code") ?? "").toBe("");
  });

  test("lists the endpoint and counts its requests", async () => {
    const stats = async () =>
      (await client.request("$SRV.STATS.cim")).json<{ endpoints: Array<Record<string, unknown>> }>();
    const [before] = (await stats()).endpoints;
    await ask(good);
    handle = () => Effect.die("fault");
    await ask(good);
    const [after] = (await stats()).endpoints;
    expect(after).toMatchObject({
      name: "commands",
      subject: `${nats.prefix}.cmd.>`,
      num_requests: Number(before?.num_requests) + 2,
      num_errors: Number(before?.num_errors) + 1,
    });
    expect(Number(after?.processing_time)).toBeGreaterThan(Number(before?.processing_time));
  });
});
