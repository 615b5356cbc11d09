import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Expression } from "../../../src/domain/nix/language/expression.ts";
import { programsExpression } from "../../../src/domain/nix/unit/programs.ts";
import { describeWith } from "../../support/installed.ts";

interface Bound {
  readonly path: ReadonlyArray<string>;
  readonly value: Expression;
}

const bindingsOf = (expression: Expression): ReadonlyArray<Bound> => {
  switch (expression.kind) {
    case "function":
      return bindingsOf(expression.body);
    case "attributes":
      return expression.bindings.flatMap((bound) => ("path" in bound ? [bound] : []));
    case "application":
      return expression.operands.flatMap(bindingsOf);
    default:
      return [];
  }
};

/** The text of each program, as nixpkgs puts it in a file. */
const scripts = new Map(
  bindingsOf(programsExpression).map(({ path: [name = ""], value }) => {
    const text = bindingsOf(value).find(({ path }) => path[0] === "text")?.value;
    const lines = text?.kind === "string" ? text.value : "";
    return [name, `#!/usr/bin/env bash\nset -o errexit\nset -o nounset\nset -o pipefail\n${lines}`];
  }),
);

const folders: Array<string> = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "cim-programs-"));
  folders.push(path);
  return path;
};

const scriptFile = (name: string): string => {
  const file = join(folder(), `${name}.sh`);
  writeFileSync(file, scripts.get(name) ?? "");
  return file;
};

// nixpkgs builds no program of which it complains.
describeWith("shellcheck")("ShellCheck", () => {
  test.each([...scripts.keys()])("has nothing to say about %s", (name) => {
    const { stdout } = spawnSync("shellcheck", [scriptFile(name)], { encoding: "utf8" });
    expect(stdout).toBe("");
  });
});

describe("the folder of a volume", () => {
  const group = execFileSync("id", ["--group", "--name"], { encoding: "utf8" }).trim();

  test("is made, with the rights that were not given before", () => {
    const path = join(folder(), "a b", "c");
    execFileSync("bash", [scriptFile("prepareVolume"), path, group], { stdio: "ignore" });
    expect(statSync(path).isDirectory()).toBe(true);
    expect((statSync(path).mode & 0o777).toString(8)).toBe("770");
  });

  test("is not closed where it was open", () => {
    const path = join(folder(), "c");
    mkdirSync(path);
    chmodSync(path, 0o755);
    execFileSync("bash", [scriptFile("prepareVolume"), path, group], { stdio: "ignore" });
    expect((statSync(path).mode & 0o777).toString(8)).toBe("775");
  });
});

describeWith("getfacl", "apt-get install acl brings it")("what is made in the folder of a volume", () => {
  test("can be changed by its group and by the user whom other hosts come as", () => {
    const path = join(folder(), "c");
    execFileSync("bash", [scriptFile("prepareVolume"), path, "daemon", "nobody"]);
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
    const output = execFileSync("bash", [scriptFile("serveBucket"), "127.0.0.1:9000"], {
      encoding: "utf8",
      env: { PATH: `${bin}:${process.env.PATH}`, CREDENTIALS_DIRECTORY: credentials },
    });
    expect(output.split("\n")).toEqual([
      ...['"AK,s/e+c="', "serve", "s3", "--config", "", "--addr", "127.0.0.1:9000", "store:", ""],
    ]);
  });
});
