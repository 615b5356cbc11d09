import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { logIn } from "../../support/http.ts";
import { cim, start } from "./cim.ts";

interface Ready {
  readonly type: string;
  readonly url?: string;
  readonly http?: { readonly origin: string; readonly link: string };
}

let folder = "";
const started: Array<ReturnType<typeof start>> = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-console-"));
});

afterAll(async () => {
  await Promise.all(started.map((child) => stop(child)));
  await rm(folder, { recursive: true, force: true });
});

const stop = async (child: ReturnType<typeof start>): Promise<number | null> => {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill("SIGTERM");
  await once(child, "exit");
  return child.exitCode;
};

/** Starts a command and waits for its document `ready`. Also returns what it said on standard error until then. */
const ready = async (...args: ReadonlyArray<string>) => {
  const child = start([...args, "--json"]);
  started.push(child);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const document = await new Promise<Ready>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => resolve(JSON.parse(line)));
    child.once("exit", (code) => reject(new Error(`it ended with ${code}: ${errors}`)));
  });
  return { child, document, errors: () => errors };
};

describe("the HTTP port", () => {
  test("of `cim up` answers, and so does that of `cim console` for a backend elsewhere, as other people", async () => {
    const up = await ready("up", "--port", "0", "--store", join(folder, "store"), "--no-agents", "--as", "ann");
    const { url = "", http } = up.document;
    expect((await fetch(`${http?.origin}/readyz`)).status).toBe(200);
    const ann = await logIn(http?.link ?? "");
    expect((await ann.get("/api/session")).json).toMatchObject({ principal: "ann", prefix: "cim" });

    // The default port is taken now, by this one or by another program: a line says what is used instead.
    const other = await ready("console", "--nats", url, "--as", "bob");
    expect(new URL(other.document.http?.origin ?? "").port).not.toBe("7422");
    expect(other.errors()).toContain("HTTP port 7422 is taken");
    const bob = await logIn(other.document.http?.link ?? "");
    const id = "by-bob";
    expect((await bob.post(`/api/command/graph/${id}/import`, { id, nodes: [], edges: [] })).status).toBe(200);
    const trail = await ann.post("/api/query/audit/trail", { aggregate: "graph", id });
    expect(trail.text).toContain('"actor":"bob"');

    const { port } = new URL(other.document.http?.origin ?? "");
    const taken = await cim(["console", "--nats", url, "--console-port", port]);
    expect([taken.code, taken.stderr]).toEqual([
      1,
      `cim: port ${port} of 127.0.0.1 is taken: give another --console-port, or none\n`,
    ]);
    expect([await stop(other.child), await stop(up.child)]).toEqual([0, 0]);
  });

  test("is left out with --no-console", async () => {
    const up = await ready("up", "--port", "0", "--store", join(folder, "without"), "--no-agents", "--no-console");
    expect(up.document.http).toBeUndefined();
    expect(await stop(up.child)).toBe(0);
  });

  test("needs a nats-server, and options that make sense", async () => {
    const nowhere = await cim(["console", "--nats", "nats://127.0.0.1:1"]);
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining("cannot connect to a nats-server")]);
    for (const options of [
      ["--console-port", "x"],
      ["--console-port", "70000"],
      ["--console-origin", "cim.example.org"],
      ["--console-origin", "https://cim.example.org/path"],
    ])
      expect((await cim(["console", ...options])).code).toBe(2);
  });
});
