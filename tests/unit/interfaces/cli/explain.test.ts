import { expect, test } from "@jest/globals";
import { explaining } from "../../../../src/interfaces/cli/explain.ts";
import { runIn } from "./harness.ts";

const explain = (...what: ReadonlyArray<string>) => runIn([explaining], ["explain", ...what]);

test("all types are listed, each on a line", async () => {
  const { code, stdout } = await explain();
  expect(code).toBe(0);
  expect(stdout).toContain("host           node  A machine that other nodes run on.");
  expect(stdout).toContain("\nconnects-to    edge  ");
});

test("a type is explained field by field, and a field with what is below it", async () => {
  const whole = (await explain("service")).stdout;
  expect(whole).toContain("  command  (text, required)\n");
  const { stdout } = await explain("service.healthCheck");
  expect(stdout).toMatch(/^ {2}healthCheck {2}\(object\)/);
  expect(stdout).toContain("healthCheck.retries  (integer from 0 on)");
  expect(stdout).not.toContain("  command  (text");
});

test("an unknown type or field is a mistake of the line, with the nearest name", async () => {
  expect(await explain("servise")).toMatchObject({
    code: 2,
    stderr: "cim: there is no type `servise`: did you mean `service`?\n",
  });
  expect(await explain("service.healthcheck")).toMatchObject({
    code: 2,
    stderr: "cim: there is no field of service `healthcheck`: did you mean `healthCheck`?\n",
  });
});
