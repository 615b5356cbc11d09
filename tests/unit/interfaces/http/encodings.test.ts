import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { json } from "../../../../src/interfaces/http/answers.ts";
import { encoded } from "../../../../src/interfaces/http/encodings.ts";

const document = { items: Array.from({ length: 200 }, (_, index) => ({ id: `graph-${index}` })) };
const text = JSON.stringify(document);
const decoders = { br: brotliDecompressSync, gzip: gunzipSync, none: (bytes: Buffer) => bytes };

test.each([
  ["gzip, deflate, br", "br"],
  ["gzip", "gzip"],
  ["br;q=0, gzip;q=0.5", "gzip"],
  ["identity", "none"],
  ["", "none"],
] as const)("for Accept-Encoding %p a long answer comes as %s, and is the same", async (accept, encoding) => {
  const answer = await encoded(json(document, 422, { "Retry-After": "1" }), accept);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(decoders[encoding](bytes).toString()).toBe(text);
  expect(answer.headers.get("Content-Encoding") ?? "none").toBe(encoding);
  expect([answer.status, answer.headers.get("Retry-After"), answer.headers.get("Vary")]).toEqual([
    422,
    "1",
    "Accept-Encoding",
  ]);
  if (encoding !== "none") expect(bytes.length).toBeLessThan(text.length / 2);
});

test("a short answer and what is not JSON stay as they are", async () => {
  const short = await encoded(json({ ok: true }), "br");
  expect([short.headers.get("Content-Encoding"), await short.json()]).toEqual([null, { ok: true }]);
  const stream = new Response("data: {}\n\n", { headers: { "Content-Type": "text/event-stream" } });
  expect(await encoded(stream, "br")).toBe(stream);
});
