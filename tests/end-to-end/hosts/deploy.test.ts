import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { crashingService, httpService, neverHealthyService, tcpService } from "../../support/machines/programs.ts";
import { describeWithMachines } from "../../support/machines/reason.ts";
import { type Fleet, fleet, type GraphFile, hostNode } from "./fleet.ts";

const minute = 60_000;
const current = "readlink -f /run/current-system";
const booting = "readlink -f /nix/var/nix/profiles/system";

describeWithMachines("real hosts", () => {
  let all: Fleet;
  const machine = (name: string) => all.machines.get(name);

  beforeAll(async () => {
    all = await fleet(["bus-1", "web-1", "web-2"]);
    await all.up();
  }, 10 * minute);
  afterAll(() => all?.dispose(), minute);

  /** A bus, a site on two hosts that needs it, and what else is said of the second one. */
  const shop = (more: Partial<Record<"site" | "extra", object>> = {}): GraphFile => ({
    id: "shop",
    nodes: [
      ...["bus-1", "web-1", "web-2"].map((name) => hostNode(all.machines, name)),
      { ...tcpService("broker", 4222), public: false },
      { ...httpService("site", 8080), public: false, ...more.site },
      ...(more.extra === undefined ? [] : [more.extra]),
    ],
    edges: [
      { from: "broker", to: "bus-1", type: "runs-on" },
      { from: "site", to: "web-1", type: "runs-on" },
      { from: "site", to: "web-2", type: "runs-on" },
      { from: "site", to: "broker", type: "depends-on" },
      ...(more.extra === undefined ? [] : [{ from: "extra", to: "web-2", type: "runs-on" }]),
    ],
  });
  const closures = async (command = current) =>
    Object.fromEntries(
      await Promise.all(all.machines.all.map(async ({ name, run }) => [name, await run(command)] as const)),
    );

  test("run what is deployed to them, also after a reboot", async () => {
    const before = await closures();
    const deployed = await all.deploy(shop());
    expect(deployed).toMatchObject({ code: 0, status: "succeeded" });
    const now = await closures();
    for (const { id, closure } of deployed.hosts) {
      expect(now[id]).toBe(closure);
      expect(now[id]).not.toBe(before[id]);
    }
    expect(await closures(booting)).toEqual(now);
    expect(await machine("web-1").run("curl -fsS http://127.0.0.1:8080/os-release")).toContain("Debian");
    await machine("web-2").reboot();
    expect(await machine("web-2").run(current)).toBe(now["web-2"]);
    expect(await machine("web-2").run("systemctl is-active site.service")).toBe("active");
  }, 3 * minute);
});
