import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { describeWith } from "../../support/installed.ts";
import { programsFolder, runProgram } from "./run-program.ts";

const folders: Array<string> = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "cim-programs-"));
  folders.push(path);
  return path;
};

const shellcheck = (path: string): string => spawnSync("shellcheck", [path], { encoding: "utf8" }).stdout;

// nixpkgs builds no program that ShellCheck finds a fault in.
describeWith("shellcheck")("ShellCheck", () => {
  test.each(readdirSync(programsFolder).filter((file) => file.endsWith(".sh")))("finds nothing in %s", (file) => {
    expect(shellcheck(join(programsFolder, file))).toBe("");
  });

  test("finds a planted fault", () => {
    const path = folder();
    copyFileSync(join(programsFolder, ".shellcheckrc"), join(path, ".shellcheckrc"));
    writeFileSync(join(path, "faulty.sh"), "rm -r $1\n");
    expect(shellcheck(join(path, "faulty.sh"))).toContain("SC2086");
  });
});

describe("the folder of a volume", () => {
  const group = execFileSync("id", ["--group", "--name"], { encoding: "utf8" }).trim();

  test("is made, with the rights that were not given before", () => {
    const path = join(folder(), "a b", "c");
    runProgram("prepareVolume", [path, group]);
    expect(statSync(path).isDirectory()).toBe(true);
    expect((statSync(path).mode & 0o777).toString(8)).toBe("770");
  });

  test("is not closed where it was open", () => {
    const path = join(folder(), "c");
    mkdirSync(path);
    chmodSync(path, 0o755);
    runProgram("prepareVolume", [path, group]);
    expect((statSync(path).mode & 0o777).toString(8)).toBe("775");
  });
});

describeWith("getfacl", "apt-get install acl brings it")("what is made in the folder of a volume", () => {
  test("can be changed by its group and by the user whom other hosts come as", () => {
    const path = join(folder(), "c");
    runProgram("prepareVolume", [path, "daemon", "nobody"]);
    execFileSync("bash", ["-c", 'umask 0027; echo > "$0/new"', path]);
    const entries = execFileSync("getfacl", ["--omit-header", join(path, "new")], { encoding: "utf8", stdio: "pipe" });
    expect(entries).toMatch(/^group:daemon:rwx\s+#effective:rw-$/m);
    expect(entries).toMatch(/^user:nobody:rwx\s+#effective:rw-$/m);
  });
});

describe("the key of an object store", () => {
  test("is passed on as rclone wants it", () => {
    const credentials = folder();
    const bin = folder();
    writeFileSync(
      join(credentials, "credentials"),
      "[default]\naws_access_key_id = AK\naws_secret_access_key=s/e+c=\n",
    );
    writeFileSync(join(bin, "rclone"), '#!/bin/sh\nprintf "%s\\n" "$RCLONE_AUTH_KEY" "$@"\n', { mode: 0o755 });
    const output = runProgram("serveBucket", ["127.0.0.1:9000"], {
      PATH: `${bin}:${process.env.PATH}`,
      CREDENTIALS_DIRECTORY: credentials,
    });
    expect(output.split("\n")).toEqual([
      '"AK,s/e+c="',
      "serve",
      "s3",
      "--config",
      "",
      "--addr",
      "127.0.0.1:9000",
      "store:",
      "",
    ]);
  });
});
