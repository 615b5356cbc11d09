import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { LoggedCommit } from "../../support/installation.ts";
import { describeWithMachines } from "../../support/machines/describe.ts";
import type { Machine } from "../../support/machines/machine.ts";
import { httpService } from "../../support/machines/programs.ts";
import { type Fleet, fleet, hostNode } from "./fleet.ts";

const minute = 60_000;
const running = "readlink -f /run/current-system";
/** What `switch-to-configuration boot` has set up. */
const booting = "readlink -f /nix/var/nix/gcroots/boot-system";

describeWithMachines("a host that is changed by hand", () => {
  let all: Fleet;
  let solo: Machine;
  let first = "";
  let deployed = "";

  beforeAll(async () => {
    all = await fleet(["solo"]);
    await all.up("--watch-every", "1");
    solo = all.machines.get("solo");
    first = await solo.run(running);
    await all.cim("agents", "register", "ada", "--capabilities", "operate", "--metadata", '{"kind": "person"}');
    const { code } = await all.deploy({
      id: "shop",
      nodes: [hostNode(all.machines, "solo"), { ...httpService("site", 8080), public: false }],
      edges: [{ from: "site", to: "solo", type: "runs-on" }],
    });
    expect(code).toBe(0);
    deployed = await solo.run(running);
  }, 10 * minute);
  afterAll(() => all?.dispose(), minute);

  type Data = Readonly<Record<string, unknown>>;
  /** Resolves with the data of an event of the host from now on that is wanted. */
  const said = async (type: string, wanted: (data: Data) => boolean = () => true): Promise<Data> => {
    for await (const message of all.leaf.client.nats.subscribe(`${all.leaf.nats.prefix}.evt.host.solo`)) {
      const event = message.json<LoggedCommit>().events.find((one) => one.type === type && wanted(one.data));
      if (event !== undefined) return event.data;
    }
    throw new Error("the connection has ended");
  };
  /** The repair has come to its end: it holds the host's lock no longer, and what it started has started. */
  const repaired = async () => {
    for (;;) {
      const { data } = await all.leaf.client.query("tasks", "list", { filter: { type: "repair" } });
      const { items } = data as { readonly items: ReadonlyArray<Data> };
      if (items.length > 0 && items.every(({ status }) => status === "completed")) return;
      await new Promise((wake) => setTimeout(wake, 200));
    }
  };

  test(
    "is seen, and after a vote runs what it should again",
    async () => {
      const events = Promise.all([said("host-drift-detected"), said("host-drift-resolved")]);
      await solo.run(`${first}/bin/switch-to-configuration test`);
      expect(await events).toMatchObject([
        { kind: "closure", expected: deployed, observed: first },
        { kind: "closure", by: "observed" },
      ]);
      await repaired();
      expect(await solo.run(running)).toBe(deployed);
      expect(await solo.run("systemctl is-active site.service")).toBe("active");
      const { items } = JSON.parse((await all.cim("proposals", "list", "--json", "--filter", "kind=repair")).stdout);
      expect(items).toMatchObject([
        { subject: { host: "solo", kind: "closure" }, status: expect.stringMatching(/^(approved|enacted)$/) },
      ]);
    },
    3 * minute,
  );

  test(
    "and rebooted into another generation is put right for good",
    async () => {
      // While it reboots it does not answer, which is a drift of another kind.
      const detected = said("host-drift-detected", ({ expected }) => expected === deployed);
      // The profile last: it is what the watch looks at, and its repair comes quickly.
      await solo.run(
        `${first}/bin/switch-to-configuration boot && nix-env --profile /nix/var/nix/profiles/system --set ${first}`,
      );
      await solo.reboot();
      expect(await detected).toMatchObject({ kind: expect.stringMatching(/^(closure|boot)$/), observed: first });
      while ((await solo.run(running)) !== deployed || (await solo.run(booting)) !== deployed)
        await new Promise((wake) => setTimeout(wake, 500));
      await solo.reboot();
      expect(await solo.run(running)).toBe(deployed);
    },
    4 * minute,
  );

  test(
    "so that its boot loader could not be set up by the repair is put right once it can be",
    async () => {
      const profile = "/nix/var/nix/profiles/system";
      // As long as somebody else switches, nothing can be set up.
      await solo.run(`${first}/bin/switch-to-configuration boot
        systemd-run --quiet --unit=busy flock /run/nixos/switch-to-configuration.lock sleep infinity
        nix-env --profile ${profile} --set ${first}`);
      while ((await solo.run(`readlink -f ${profile}`)) !== deployed) await new Promise(setImmediate);
      expect(await solo.run(booting)).toBe(first);
      await solo.run("systemctl stop busy");
      while ((await solo.run(booting)) !== deployed) await new Promise((wake) => setTimeout(wake, 200));
      await repaired();
      expect(await solo.run("ls /nix/var/nix/gcroots | grep ^cim- || true")).toBe("");
    },
    2 * minute,
  );

  test(
    "so that a unit fails is reported with the unit",
    async () => {
      const detected = said("host-drift-detected", ({ kind }) => kind === "unit");
      await solo.run("systemd-run --quiet --unit=by-hand --remain-after-exit false || true");
      expect(await detected).toMatchObject({ kind: "unit", unit: "by-hand.service" });
      const { data } = await all.leaf.client.query("hosts", "get", { id: "solo" });
      expect(data).toMatchObject({ observed: { failedUnits: ["by-hand.service"] } });
    },
    2 * minute,
  );

  test(
    "can be operated by an agent that may, as a recorded task",
    async () => {
      const before = await solo.run("systemctl show -p InvocationID --value site.service");
      const refused = await all.cim("hosts", "operate", "solo", "--action", "restart", "--node", "site");
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.stderr).toContain("propose-change");
      const finished = said("operation-finished");
      expect(await all.cim("hosts", "propose-change", "solo", "--action", "restart", "--node", "site")).toMatchObject({
        code: 0,
      });
      expect(await finished).not.toHaveProperty("failure");
      expect(await solo.run("systemctl show -p InvocationID --value site.service")).not.toBe(before);
    },
    2 * minute,
  );
});
