import { describe, expect, test } from "@jest/globals";
import { Api, Refused } from "../../../../src/console/client/mod.ts";

interface Sent {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const accepted = {
  ok: true,
  aggregate: "graph",
  id: "shop",
  version: 1,
  position: 5,
  commandId: "id-1",
  events: ["graph-created"],
  duplicate: false,
};

/** An API whose server gives these answers in turn, the last one for ever; `undefined`: the connection breaks. */
const apiWith = (...answers: ReadonlyArray<readonly [status: number, body: unknown] | undefined>) => {
  const sent: Array<Sent> = [];
  const waited: Array<number> = [];
  let ids = 0;
  const api = new Api({
    newId: () => {
      ids += 1;
      return `id-${ids}`;
    },
    wait: async (milliseconds) => void waited.push(milliseconds),
    fetch: async (address, init) => {
      sent.push({ address, headers: { ...(init.headers as Record<string, string>) }, body: String(init.body) });
      const answer = answers[Math.min(sent.length, answers.length) - 1];
      if (answer === undefined) throw new TypeError("network down");
      const [status, body] = answer;
      return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
    },
  });
  return { api, sent, waited };
};

const refusal = (code: string) => ({ ok: false, error: { code, message: `it is ${code}`, details: { reason: "x" } } });

describe("a command", () => {
  test("has an id before it is sent, and the header that only our page can send", async () => {
    const { api, sent } = apiWith([200, accepted]);
    expect(await api.command("graph", "shop", "archive", {}, { expectedVersion: 3 })).toMatchObject({ position: 5 });
    expect(sent).toEqual([
      {
        address: "/api/command/graph/shop/archive",
        body: "{}",
        headers: {
          "Cim-Command-Id": "id-1",
          "Cim-Expected-Version": "3",
          "Content-Type": "application/json",
          "Cim-Console": "1",
        },
      },
    ]);
  });

  test("is sent again under the same id until it is answered", async () => {
    const { api, sent, waited } = apiWith(undefined, [503, refusal("unavailable")], [502, "<html>"], [200, accepted]);
    await api.command("graph", "shop", "archive", {});
    expect(sent.map(({ headers }) => headers["Cim-Command-Id"])).toEqual(["id-1", "id-1", "id-1", "id-1"]);
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
    expect(waited).toEqual([250, 500, 1_000]);
  });

  test.each([
    [422, "rejected"],
    [409, "conflict"],
    [403, "unauthorized"],
    [401, "unauthorized"],
    [400, "invalid-command"],
  ])("that is refused with %s is not sent again", async (status, code) => {
    const { api, sent } = apiWith([status, refusal(code)]);
    const error = await api.command("graph", "shop", "archive", {}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ status, code, message: `it is ${code}`, details: { reason: "x" } });
    expect(sent).toHaveLength(1);
  });

  test("is given up after a while, with the last reason", async () => {
    const { api, sent } = apiWith(undefined);
    await expect(api.command("graph", "shop", "archive", {})).rejects.toThrow("cannot be reached (network down)");
    expect(sent).toHaveLength(9);
  });
});

describe("who one is", () => {
  test("is said with each request, so that nothing is done for another person who has logged in", async () => {
    const { api, sent } = apiWith([200, accepted]);
    api.speakFor("ann");
    await api.command("graph", "shop", "archive", {});
    expect(sent[0]?.headers).toMatchObject({ "Cim-Principal": "ann" });
  });

  test("comes from the session", async () => {
    const { api } = apiWith([200, { ok: true, principal: "ann", prefix: "cim" }]);
    expect(await api.session()).toEqual({ principal: "ann", prefix: "cim" });
  });

  test("is nobody without one; a server that fails is not nobody", async () => {
    expect(await apiWith([401, refusal("unauthorized")]).api.session()).toBeUndefined();
    await expect(apiWith([500, "x"]).api.session()).rejects.toThrow("the console server answered with 500");
  });
});
