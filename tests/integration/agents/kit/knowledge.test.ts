import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  type Client,
  type KnowledgeReplica,
  newSeed,
  openReplica,
  type ReplicaOptions,
  signerOf,
} from "../../../../src/agents/kit/mod.ts";
import { matching } from "../../../../src/domain/knowledge/queries.ts";
import { type TestLeaf, testLeaf } from "../../../support/leaf.ts";

let leaf: TestLeaf;
let folder: string;

beforeAll(async () => {
  leaf = await testLeaf();
  folder = await mkdtemp(join(tmpdir(), "cim-replica-"));
});

afterAll(async () => {
  await leaf.dispose();
  await rm(folder, { recursive: true, force: true });
});

const quiet = { log: () => {}, compareSeconds: 1 };
const replica = async (principal: string, space: string, more: Partial<ReplicaOptions> = {}) => {
  const client: Client = await leaf.connect(principal);
  return openReplica({ client, space, ...quiet, ...more });
};

const until = async (one: KnowledgeReplica, isSo: () => boolean): Promise<void> => {
  if (isSo()) return;
  await new Promise<void>((resolve) => {
    const stop = one.onChange(() => {
      if (!isSo()) return;
      stop();
      resolve();
    });
  });
};

const objects = (one: KnowledgeReplica, subject: string) =>
  matching(one.knowledge(), { subject, limit: 100 }).items.map(({ object }) => object);

/** Both have what either has, and the same bytes, which are the published ones. */
const expectConverged = async (space: string, records: number, ...all: ReadonlyArray<KnowledgeReplica>) => {
  for (const one of all) await until(one, () => one.status().version >= records && one.status().waiting === 0);
  const [first, ...rest] = all.map((one) => one.export());
  for (const other of rest) expect(other).toBe(first);
  const client = await leaf.connect("someone");
  const { data } = await client.query("knowledge", "get", { id: space });
  expect(data).toMatchObject({ records, content: all[0]?.status().content });
};

test("what one asserts, others see, and the log has", async () => {
  const [ada, bob] = [await replica("ada", "shared"), await replica("bob", "shared")];
  const { id } = ada.assertFact({ subject: "web-api", predicate: "runs-on", object: "leaf-1" });
  expect(objects(ada, "web-api")).toEqual(["leaf-1"]);
  await until(bob, () => objects(bob, "web-api").length === 1);
  await ada.synced();
  await until(bob, () => bob.status().version === 1);
  bob.supportFact(id, "ping");
  expect(() => bob.retractFact(id)).toThrow("only its author can retract it");
  await expectConverged("shared", 2, ada, bob);
  expect(ada.search("leaf")[0]?.fact.supports).toBe(1);
  await ada.close();
  await bob.close();
});

test("replicas that are cut off answer and write, and come together when they meet, over a restart too", async () => {
  const file = join(folder, "ada");
  let ada = await replica("ada", "parted", { file });
  const bob = await replica("bob", "parted");
  const { id } = ada.assertFact({ subject: "db", predicate: "is", object: "up" });
  await ada.synced();
  await until(bob, () => bob.status().version === 1);
  await leaf.nats.stop();
  await ada.assertFact({ subject: "db", predicate: "is", object: "slow" }).kept;
  await ada.retractFact(id).kept;
  bob.disputeFact(id, "ping");
  for (let number = 0; number < 20; number++) bob.assertFact({ subject: "queue", predicate: "has", object: number });
  expect(objects(ada, "db")).toEqual(["slow"]);
  expect(objects(bob, "db")).toEqual(["up"]);
  const { waiting } = ada.status();
  expect(waiting).toBe(2);
  const closing = ada.close();
  await leaf.nats.start();
  await closing;
  ada = await replica("ada", "parted", { file });
  expect(objects(ada, "db")).toEqual(["slow"]);
  await expectConverged("parted", 24, ada, bob);
  expect(objects(bob, "db")).toEqual(["slow"]);
  await ada.close();
  await bob.close();
});

test("a replica whose file is damaged is read from the log again, by itself", async () => {
  const file = join(folder, "damaged");
  const ada = await replica("ada", "damaged", { file });
  for (let number = 0; number < 10; number++) ada.assertFact({ subject: "s", predicate: "is", object: number });
  await ada.synced();
  await ada.close();
  const text = await readFile(file, "utf8");
  const at = text.indexOf('"object":7') + 9;
  await writeFile(file, `${text.slice(0, at)}8${text.slice(at + 1)}`);
  const again = await replica("ada", "damaged", { file });
  await expectConverged("damaged", 10, again);
  expect(objects(again, "s").toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await again.close();
});

const signer = () => {
  const { publicKey, sign } = signerOf(newSeed());
  return { publicKey, sign: (id: string) => ({ publicKey, signature: sign(id) }) };
};

test("where signatures are required, the log takes what its author signed, and a replica drops what it refuses", async () => {
  const [adas, mallorys] = [signer(), signer()];
  const owner = await leaf.connect("owner");
  await owner.command("knowledge", "signed", "configure", { requireSignatures: true });
  const register = async (id: string, publicKey: string) => {
    const client = await leaf.connect(id);
    await client.command("agent", id, "register", { capabilities: [], publicKey });
  };
  await register("ada", adas.publicKey);
  await register("mallory", mallorys.publicKey);

  const ada = await replica("ada", "signed", { sign: adas.sign });
  const refused: Array<string> = [];
  const log = (message: string) => void refused.push(message);
  const unsigned = await replica("ada", "signed", { log });
  const foreign = await replica("mallory", "signed", { log, sign: adas.sign });
  for (const one of [ada, unsigned, foreign]) await one.synced(1);

  const { id } = ada.assertFact({ subject: "web", predicate: "is", object: "up" });
  await ada.synced();
  unsigned.assertFact({ subject: "web", predicate: "is", object: "down" });
  foreign.assertFact({ subject: "web", predicate: "is", object: "gone" });
  await unsigned.synced();
  await foreign.synced();

  expect(refused).toHaveLength(2);
  expect(refused.join()).toContain("`mallory` has not registered this key");
  expect(refused.join()).toContain("takes signed records only");
  for (const one of [ada, unsigned, foreign]) {
    await one.synced(2);
    expect(objects(one, "web")).toEqual(["up"]);
    expect(one.knowledge().base.entry(id)?.signature).toEqual(adas.sign(id));
  }
  await expectConverged("signed", 1, ada, unsigned, foreign);
  for (const one of [ada, unsigned, foreign]) await one.close();
});
