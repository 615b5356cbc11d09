import { expect, test } from "@jest/globals";
import { confirm } from "../../../../src/interfaces/cli/confirm.ts";
import type { CommandGroup } from "../../../../src/interfaces/cli/invocation.ts";
import { runIn } from "./harness.ts";

const asking: CommandGroup = (program, runner) => {
  program
    .command("drop")
    .option("--yes")
    .action((options: { readonly yes?: boolean }, command) =>
      runner.run(command, async (cli) => {
        await confirm(cli, "drop it?", options.yes);
        cli.output.result("dropped");
        return 0;
      }),
    );
};
const drop = (surroundings: Parameters<typeof runIn>[2], ...options: ReadonlyArray<string>) =>
  runIn([asking], ["drop", ...options], surroundings);

test.each(["y\n", " YES \n"])("on a terminal the answer %j does it", async (stdin) => {
  const { code, stdout, stderr } = await drop({ terminal: true, stdin });
  expect(stderr).toContain("drop it? [y/N] ");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "dropped\n" });
});

test.each(["n\n", "\n", "", "yesterday\n"])("on a terminal the answer %j does nothing", async (stdin) => {
  const { code, stdout, stderr } = await drop({ terminal: true, stdin });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("cim: nothing was done: answer y, or give --yes\n");
});

test("a program is not asked, nor somebody who has said yes", async () => {
  expect((await drop({ stdin: "" })).stdout).toBe("dropped\n");
  expect((await drop({ terminal: true, stdin: "" }, "--yes")).stdout).toBe("dropped\n");
});
