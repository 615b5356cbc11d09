import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import { publishedViews } from "../../../../src/contract/views/mod.ts";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../../../..");
const tool = (path: string) => resolve(root, "node_modules", path);
const readJson = async (path: string) => JSON.parse(await readFile(path, "utf8"));

interface Message {
  readonly payload: object;
  readonly headers?: object;
}
interface Document {
  readonly channels: Readonly<Record<string, { readonly messages: Readonly<Record<string, Message>> }>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}
let document: Document;
let folder: string;

beforeAll(async () => {
  document = await readJson(resolve(root, "schemas/asyncapi.json"));
  folder = await mkdtemp(join(tmpdir(), "cim-foreign-client-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("the document is one of AsyncAPI 3.0, by its official schema", async () => {
  const official = await readJson(tool("@asyncapi/specs/schemas/3.0.0-without-$id.json"));
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(official);
  expect([validate(document), validate.errors]).toEqual([true, null]);
});

test("it has the documents of every view, and the answer of every operation", () => {
  const { reply, ...channels } = document.channels;
  for (const [view, { operations }] of Object.entries(publishedViews)) {
    expect(channels).toHaveProperty([`view.${view}`]);
    for (const operation of Object.keys(operations)) {
      expect(channels).toHaveProperty([`query.${view}.${operation}`]);
      expect(reply?.messages).toHaveProperty([`${view}.${operation}`]);
    }
  }
});

/** The payload of every message, by the name of its channel; replies by `reply.` and their names. */
const payloads = () =>
  Object.entries(document.channels).flatMap(([channel, { messages }]) =>
    Object.entries(messages).map(([name, { payload }]) => [
      name === "message" ? channel : `${channel}.${name}`,
      payload,
    ]),
  );

/** What somebody else would write with the types that their generator makes of the document. */
const program = `
import type { Contract } from "./contract.ts";

export const command: Contract["command.task.submit"] = { type: "build", requiredCapabilities: ["build"] };
// @ts-expect-error A capability is a text.
export const wrongCommand: Contract["command.task.submit"] = { type: "build", requiredCapabilities: [1] };

export const positionOf = (reply: Contract["reply.accepted"] | Contract["reply.refused"]): number | string =>
  reply.ok ? reply.position : reply.error.code === "conflict" ? "again" : reply.error.message;

export const isOver = ({ status }: Contract["view.tasks"]): boolean => status === "completed" || status === "failed";
// @ts-expect-error No task has this status.
export const isLost = ({ status }: Contract["view.tasks"]): boolean => status === "lost";

export const waiting = ({ data }: Contract["reply.tasks.queue"]): ReadonlyArray<string> =>
  data.items.map(({ place, waitsFor }) => String(place) + waitsFor.toUpperCase());
// @ts-expect-error A proposal has a tally, not a count.
export const count = ({ data }: Contract["reply.proposals.get"]) => data.count;

export const attemptOf = (delivery: Contract["inbox.task"]): number =>
  delivery.kind === "assigned" ? delivery.task.attempt : delivery.kind === "withdrawn" ? delivery.task.attempt : 0;

export const voter = (event: Contract["feed.proposal.ballot-cast.v1"]): string => event.voter;
`;

test("a client that a foreign generator makes of it type-checks", async () => {
  const definitions = { ...document.components.schemas, ...Object.fromEntries(payloads()) };
  const names = Object.keys(definitions);
  const contract = {
    title: "Contract",
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name, { $ref: `#/definitions/${name}` }])),
    required: names,
    additionalProperties: false,
    definitions,
  };
  const schema = JSON.stringify(contract).replaceAll("#/components/schemas/", "#/definitions/");
  await writeFile(join(folder, "contract.json"), schema);
  await writeFile(join(folder, "program.ts"), program);
  const generator = tool("json-schema-to-typescript/dist/src/cli.js");
  await run(process.execPath, [
    generator,
    "-i",
    join(folder, "contract.json"),
    "-o",
    join(folder, "contract.ts"),
    "--format",
    "false",
  ]);
  const checks = ["--noEmit", "--strict", "--allowImportingTsExtensions", "--module", "nodenext", "--types", ""];
  const { stdout } = await run(process.execPath, [tool("typescript/bin/tsc"), ...checks, "program.ts"], {
    cwd: folder,
  }).catch((error: { readonly stdout: string }) => error);
  expect(stdout).toBe("");
});
