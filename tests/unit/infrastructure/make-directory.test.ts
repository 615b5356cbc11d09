import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { makeDirectory } from "../../../src/infrastructure/make-directory.ts";

let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "cim-make-directory-"));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

test("directories are made with those above them, and once is enough", async () => {
  const path = join(directory, "a/b/c");
  await makeDirectory(path);
  await makeDirectory(path);
  expect((await stat(path)).isDirectory()).toBe(true);
});

test("below a file there is none", async () => {
  await writeFile(join(directory, "file"), "");
  await expect(makeDirectory(join(directory, "file/below"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

(process.platform === "linux" ? test : test.skip)(
  "a file system that takes none refuses, and does not hang",
  async () => {
    await expect(makeDirectory("/proc/nothing/below")).rejects.toMatchObject({ code: "ENOENT" });
  },
);
