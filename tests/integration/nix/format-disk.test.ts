import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { runProgram } from "./run-program.ts";

/** Whether loop devices can be made here, with the programs that make partitions. */
const canLoop = (): boolean => {
  try {
    for (const program of ["sfdisk", "losetup", "wipefs", "mkfs.ext4"])
      execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return (
      process.getuid?.() === 0 && execFileSync("losetup", ["--find"], { encoding: "utf8" }).startsWith("/dev/loop")
    );
  } catch {
    return false;
  }
};

const run = (program: string, args: ReadonlyArray<string>, input = ""): string =>
  execFileSync(program, [...args], { encoding: "utf8", input });

(canLoop() ? describe : describe.skip)("a disk", () => {
  let folder: string;
  let disk: string;

  const emptied = () => {
    const file = join(folder, "disk");
    truncateSync(file, 0);
    truncateSync(file, 64 * 1024 * 1024);
    run("losetup", ["--set-capacity", disk]);
  };
  const typeOf = (device = disk) =>
    run("sh", ["-c", `blkid --probe --match-tag TYPE --output value ${device} || true`]).trim();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "cim-disk-"));
    writeFileSync(join(folder, "disk"), "");
    truncateSync(join(folder, "disk"), 64 * 1024 * 1024);
    disk = run("losetup", ["--find", "--show", "--partscan", join(folder, "disk")]).trim();
  });
  afterAll(() => {
    run("losetup", ["--detach", disk]);
    rmSync(folder, { recursive: true });
  });

  test("with nothing on it gets a file system, once", () => {
    emptied();
    runProgram("formatDisk", [disk]);
    expect(typeOf()).toBe("ext4");
    const before = run("sh", ["-c", `blkid --probe --match-tag UUID --output value ${disk}`]);
    runProgram("formatDisk", [disk]);
    expect(run("sh", ["-c", `blkid --probe --match-tag UUID --output value ${disk}`])).toBe(before);
  });

  test.each([
    ["a GPT with no partition in it", () => run("sfdisk", [disk], "label: gpt\n"), "gpt"],
    ["a GPT with a partition", () => run("sfdisk", [disk], "label: gpt\n,,L\n"), "gpt"],
    ["an MBR", () => run("sfdisk", [disk], "label: dos\n,,L\n"), "dos"],
    ["swap", () => run("mkswap", [disk]), "swap"],
  ])("with %s is left as it is", (_, make, found) => {
    emptied();
    make();
    const bytes = () => run("sh", ["-c", `sha256sum < ${disk}`]);
    const before = bytes();
    expect(() => runProgram("formatDisk", [disk])).toThrow(found);
    expect(bytes()).toBe(before);
  });
});
