import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type NatsConnection as CoreConnection, connect, headers } from "@nats-io/transport-node";
import { Effect, Layer, ManagedRuntime } from "effect";
import { CommandError } from "../../../../src/application/command-error.ts";
import { Queries, type QueryRequest } from "../../../../src/application/queries.ts";
import { MicroService } from "../../../../src/infrastructure/nats/micro-service.ts";
import { queryEndpoint } from "../../../../src/infrastructure/nats/query-endpoint.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
let client: CoreConnection;
let runtime: ManagedRuntime.ManagedRuntime<never, unknown>;
let asked: Array<QueryRequest> = [];

beforeAll(async () => {
  nats = await testNats();
  client = await connect({ servers: nats.url });
  const queries = Layer.succeed(
    Queries,
    Queries.of({
      ask: (request) => {
        asked.push(request);
        return request.operation === "get"
          ? Effect.succeed({ position: 7, data: { id: "web-shop" } })
          : Effect.fail(new CommandError({ code: "unknown-command", message: "no such operation" }));
      },
    }),
  );
  runtime = ManagedRuntime.make(
    queryEndpoint.pipe(Layer.provide(MicroService.layer("1.2.3")), Layer.provide([nats.connection(), queries])),
  );
  await runtime.context();
  await client.flush();
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  await runtime.dispose();
  await client.close();
  await nats.dispose();
});

const ask = async (rest: string, payload: string, minPosition?: string, at?: string) => {
  const given = headers();
  if (minPosition !== undefined) given.set("Cim-Min-Position", minPosition);
  if (at !== undefined) given.set("Cim-At", at);
  return (await client.request(`${nats.prefix}.qry.${rest}`, payload, { headers: given, timeout: 60_000 })).json();
};

describe("a query", () => {
  test("is answered with position and data", async () => {
    expect(await ask("graphs.get", '{"id":"web-shop"}', "7")).toEqual({
      ok: true,
      position: 7,
      data: { id: "web-shop" },
    });
    const room = (client.info?.max_payload ?? 0) - 128;
    expect(asked).toEqual([{ view: "graphs", operation: "get", input: { id: "web-shop" }, minPosition: 7, room }]);
  });

  test.each([
    ["7", { position: 7 }],
    ["2026-01-31T12:00:00.000Z", { time: "2026-01-31T12:00:00.000Z" }],
  ])("asks for the moment %s", async (text, at) => {
    expect(await ask("graphs.get", "{}", undefined, text)).toMatchObject({ ok: true });
    expect(asked).toMatchObject([{ at }]);
  });

  test.each(["-1", "yesterday", "2026-01-31", "99999999999999999999"])(
    "is refused at %s, which is not a moment",
    async (text) => {
      expect(await ask("graphs.get", "{}", undefined, text)).toMatchObject({
        ok: false,
        error: { code: "invalid-command", details: [{ field: "Cim-At" }] },
      });
      expect(asked).toEqual([]);
    },
  );

  test("without a payload or a position asks with nothing", async () => {
    await ask("graphs.get", "");
    expect(asked).toEqual([{ view: "graphs", operation: "get", input: {}, room: expect.any(Number) }]);
  });

  test("that is refused says why", async () => {
    expect(await ask("graphs.melt", "{}")).toEqual({
      ok: false,
      error: { code: "unknown-command", message: "no such operation", details: {} },
    });
  });

  test.each([
    ["graphs", "{}", undefined],
    ["graphs.get.more", "{}", undefined],
    ["graphs.get", "{", undefined],
    ["graphs.get", "{}", "-1"],
    ["graphs.get", "{}", "soon"],
    ["graphs.get", "{}", "9".repeat(30)],
  ])("on %s with %s after %s is invalid-command", async (subject, payload, minPosition) => {
    expect(await ask(subject, payload, minPosition)).toMatchObject({ ok: false, error: { code: "invalid-command" } });
    expect(asked).toEqual([]);
  });
});
