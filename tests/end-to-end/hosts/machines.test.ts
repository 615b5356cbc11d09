import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Machines, startMachines } from "../../support/machines/machines.ts";
import { describeWithMachines } from "../../support/machines/reason.ts";

const profile = "/nix/var/nix/profiles/system";
const minute = 60_000;

describeWithMachines("machines", () => {
  let machines: Machines;
  beforeAll(async () => {
    machines = await startMachines(["web", "db", "bus"], { storeMib: 24 });
  }, 10 * minute);
  afterAll(() => machines?.close(), minute);

  test("run systemd and their first system", async () => {
    for (const { name, run } of machines.all) {
      expect(await run("hostname")).toBe(name);
      expect(await run("systemctl is-system-running")).toBe("running");
      expect(await run("readlink -f /run/current-system")).toBe(await run(`readlink -f ${profile}`));
    }
  });
});
