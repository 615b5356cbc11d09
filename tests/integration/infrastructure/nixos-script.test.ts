import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { describeWith } from "../../support/installed.ts";

const script = resolve("src/infrastructure/nixos/scripts/host.sh");

describeWith("shellcheck")("the script that runs on hosts", () => {
  test("has nothing that ShellCheck complains of", async () => {
    const { stdout } = await promisify(execFile)("shellcheck", [script]);
    expect(stdout).toBe("");
  });
});
