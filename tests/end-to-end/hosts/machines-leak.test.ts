import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "@jest/globals";
import { describeWithMachines } from "../../support/machines/describe.ts";
import { type Machines, startMachines } from "../../support/machines/machines.ts";

const minute = 60_000;
const node = resolve(import.meta.dirname, "../../../bin/node");
const file = resolve(import.meta.dirname, "../../support/machines/machines.ts");
const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));

/** A process of its own that starts machines and then waits to be killed. */
const other = async () => {
  const script = `const { startMachines } = await import(${JSON.stringify(file)});
    const { folder, all } = await startMachines(["web"]);
    console.log(JSON.stringify({ folder, address: all[0].address }));
    setInterval(() => {}, 1000);`;
  const process = spawn(node, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: process.stdout }), "line");
  return { process, ...(JSON.parse(line) as { folder: string; address: string }) };
};

const isReached = (machines: Machines, address: string): boolean =>
  spawnSync("ssh", ["-F", machines.sshConfigFile, "-o", "StrictHostKeyChecking=no", address, "true"], {
    encoding: "utf8",
  }).stderr.includes("Permission denied");

describeWithMachines("runs of machines", () => {
  test(
    "do not meet, and end with their process even where it is killed",
    async () => {
      const [mine, theirs] = await Promise.all([startMachines(["web"]), other()]);
      try {
        const run = dirname(theirs.folder);
        expect(theirs.address).not.toBe(mine.get("web").address);
        // Sshd answers, and does not know our key.
        expect(isReached(mine, theirs.address)).toBe(true);
        theirs.process.kill("SIGKILL");
        while (existsSync(run)) await sleep(100);
        const interfaces = spawnSync("ip", ["-4", "address"], { encoding: "utf8" }).stdout;
        expect(interfaces).not.toContain(theirs.address.replace(/\.\d+$/, ".1/"));
        expect(interfaces).toContain(mine.get("web").address.replace(/\.\d+$/, ".1/"));
        expect(await mine.get("web").run("hostname")).toBe("web");
      } finally {
        await mine.close();
      }
      expect(existsSync(dirname(mine.folder))).toBe(false);
    },
    5 * minute,
  );
});
