import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { describeWith } from "../../support/installed.ts";

const scripts = ["look.sh", "adopt.sh", "host.sh"].map((file) => resolve("src/infrastructure/nixos/scripts", file));

describeWith("shellcheck")("the scripts that run on hosts", () => {
  test("have nothing that ShellCheck complains of", async () => {
    const { stdout } = await promisify(execFile)("shellcheck", scripts);
    expect(stdout).toBe("");
  });
});
