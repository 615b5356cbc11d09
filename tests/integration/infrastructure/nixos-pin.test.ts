import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isFixed } from "../../../src/domain/nix/mod.ts";
import { lockedReference } from "../../../src/infrastructure/nixos/pin.ts";
import { describeWith } from "../../support/installed.ts";

describeWith("nix")("a flake reference", () => {
  const { signal } = new AbortController();
  const before = process.env.NIX_REMOTE;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cim-pin-"));
    await mkdir(join(folder, "flake"));
    await writeFile(join(folder, "flake/flake.nix"), "{ outputs = _: { }; }");
    // A store of its own: this machine's is left alone.
    process.env.NIX_REMOTE = join(folder, "store");
  });
  afterAll(async () => {
    if (before === undefined) delete process.env.NIX_REMOTE;
    else process.env.NIX_REMOTE = before;
    await rm(folder, { recursive: true, force: true });
  });

  test("is locked to what it means now, which is then what it means", async () => {
    const locked = await lockedReference(`path:${folder}/flake`, signal);
    expect(isFixed(locked)).toBe(true);
    expect(await lockedReference(locked, signal)).toBe(locked);
  });

  test("that means nothing fails with the words of nix", async () => {
    await expect(lockedReference("path:/does/not/exist", signal)).rejects.toThrow(
      /nix cannot say what path:\/does\/not\/exist is: error: .*does\/not\/exist/u,
    );
  });
});
