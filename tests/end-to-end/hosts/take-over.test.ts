import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { LoggedCommit } from "../../support/installation.ts";
import { describeWithMachines } from "../../support/machines/describe.ts";
import { networkOf } from "../../support/machines/machines.ts";
import { httpService } from "../../support/machines/programs.ts";
import { expectNothingTwice } from "../../support/nothing-twice.ts";
import { type Fleet, fleet, hostNode } from "./fleet.ts";

const minute = 60_000;
/** A host that goes back by itself before the next deployer has come would be right, and not what is looked at here. */
const patience = ["--confirm-seconds", "60"];
const running = "readlink -f /run/current-system";
const booting = "readlink -f /nix/var/nix/profiles/system";

describeWithMachines("a deployer that is killed", () => {
  let all: Fleet;
  let backend: Awaited<ReturnType<Fleet["up"]>>;
  let serial = 0;

  beforeAll(async () => {
    all = await fleet(["solo"]);
    backend = await all.up(...patience);
  }, 10 * minute);
  afterAll(() => all?.dispose(), minute);

  /** A graph that is a new one each time, so that there is something to do. */
  const graph = () => {
    serial += 1;
    return {
      id: "shop",
      nodes: [
        hostNode(all.machines, "solo"),
        { ...httpService("site", 8080), public: false, environment: { SERIAL: `${serial}` } },
      ],
      edges: [{ from: "site", to: "solo", type: "runs-on" }],
    };
  };

  /** Resolves when a host's step is in the log. */
  const recorded = async (step: string): Promise<void> => {
    for await (const message of all.leaf.client.nats.subscribe(`${all.leaf.nats.prefix}.evt.deployment.>`)) {
      const { events } = message.json<LoggedCommit>();
      if (events.some(({ type, data }) => type === "host-step-recorded" && data.step === step)) return;
    }
  };

  const activating = async (): Promise<void> => {
    const state = "systemctl is-active 'cim-activate-*.service' || true";
    while (!(await all.machines.get("solo").run(state)).includes("activating")) await new Promise(setImmediate);
  };

  /** Kills the backend at each of these moments of a deployment, and starts another one. */
  const killedAt = async (...moments: ReadonlyArray<() => Promise<void>>) => {
    const { client } = all.leaf;
    const document = graph();
    const id = `shop-${serial}`;
    await client.command<string, string>("graph", "shop", "import", document);
    const timing = { monitorSeconds: 1, timeoutSeconds: 600 };
    const acceptRemovals = networkOf(all.machines);
    let reached = moments[0]?.();
    await client.command("deployment", id, "request", { graph: "shop", target: "nixos", acceptRemovals, ...timing });
    for (const next of [...moments.slice(1), undefined]) {
      await reached;
      // Watched from before the end of this backend on: the next one may be quick.
      reached = next?.();
      await backend.kill();
      backend = await all.up(...patience);
    }
    const deployment = await all.leaf.ended(id);
    if (deployment.status !== "succeeded") throw new Error(`not a success: ${JSON.stringify(deployment)}`);
    expectNothingTwice(await all.leaf.log(), id);
    return deployment;
  };
  const after = (step: string) => () => recorded(step);

  test.each<readonly [string, ReadonlyArray<() => Promise<void>>]>([
    [
      "recorded and copied, in the middle of its activation, and healthy",
      [after("recorded"), after("copied"), activating, after("healthy")],
    ],
    ["built, activated, and confirmed", [after("built"), after("activated"), after("confirmed")]],
  ])(
    "after a host was %s is replaced each time, and the deployment goes on",
    async (_, moments) => {
      const deployment = await killedAt(...moments);
      expect(deployment).toMatchObject({ hosts: [{ id: "solo", status: "confirmed" }] });
      const { run } = all.machines.get("solo");
      const closure = await run(running);
      expect(deployment.hosts).toMatchObject([{ closure }]);
      expect(await run(booting)).toBe(closure);
      expect(await run("systemctl show -p Environment --value site.service")).toContain(`SERIAL=${serial}`);
      expect(await run("systemctl list-units --all --plain --no-legend 'cim-rollback-*' 'cim-activate-*'")).toBe("");
      // The next deployer waits for the end of an activation, and does not begin it again.
      const activations = await run("journalctl --no-pager -o cat -u 'cim-activate-*' | grep -c '^activating the'");
      expect(Number(activations)).toBe(serial);
    },
    8 * minute,
  );
});
