import { afterAll, expect, test } from "@jest/globals";
import { Result } from "effect";
import { deploymentFlake } from "../../../src/domain/deployment/flake.ts";
import { decodeGraphDocument } from "../../../src/domain/graph/problems.ts";
import { flakeText } from "../../../src/domain/nix/mod.ts";
import { digests } from "../../../src/infrastructure/digests.ts";
import { NixosHosts } from "../../../src/infrastructure/nixos/nixos-hosts.ts";
import { operatorContract } from "../../support/contracts/operator.contract.ts";
import { describeWithMachines } from "../../support/machines/describe.ts";
import { type Machines, startMachines } from "../../support/machines/machines.ts";
import { pins } from "../../support/machines/nix-environment.ts";
import { httpService } from "../../support/machines/programs.ts";
import { hostNode } from "./fleet.ts";

const minute = 60_000;

describeWithMachines("the operator of real hosts", () => {
  let machines: Machines;
  afterAll(() => machines?.close(), minute);

  /** The flake of a site on the machine; its systems differ by the word. */
  const flakeWith = (word: string) => {
    const document = decodeGraphDocument({
      id: "shop",
      nodes: [hostNode(machines, "solo"), { ...httpService("site", 8080), public: false, environment: { WORD: word } }],
      edges: [{ from: "site", to: "solo", type: "runs-on" }],
    });
    const flake = deploymentFlake(Result.getOrThrow(document), { sha256: digests.sha256, pins });
    return { digest: digests.sha256(flakeText(flake)), files: flake.files };
  };

  let hosts: NixosHosts;
  const { signal } = new AbortController();

  operatorContract(async () => {
    machines = await startMachines(["solo"]);
    // The operator runs nix and ssh in the environment of this process.
    Object.assign(process.env, machines.nixEnvironment());
    const solo = machines.get("solo");
    const check = { node: "site", port: 8080, intervalSeconds: 1, timeoutSeconds: 5, retries: 0 };
    hosts = await NixosHosts.open({
      folder: machines.folder,
      ssh: { arguments: ["-o", "ConnectTimeout=3"] },
      buildOn: "local",
      checkSignatures: false,
    });
    return {
      operator: hosts,
      host: { host: "solo", address: solo.address },
      flakes: [flakeWith("one"), flakeWith("two")],
      well: { ...check, kind: "http", path: "/os-release" },
      ill: { ...check, kind: "http", path: "/not-there" },
      goesBackAfter: 40,
      cut: solo.cutNetwork,
      heal: solo.healNetwork,
    };
  }, 5 * minute);

  /** A machine that hangs in its shutdown is switched off and on, as one would do by hand. */
  const throughReboots = async <T>(work: Promise<T>): Promise<T> => {
    const { kill, boot } = machines.get("solo");
    const hand = setInterval(() => kill().then(boot, () => undefined), minute);
    return work.finally(() => clearInterval(hand));
  };

  test(
    "a reboot leads into the new system; one that nobody confirms back into the old one",
    async () => {
      const { address, run } = machines.get("solo");
      const host = { host: "solo", address };
      const { closure: previous } = await hosts.current(host, signal);
      const bring = async (word: string, deployment: string) => {
        const closure = await hosts.build({ host, flake: flakeWith(word) }, signal);
        await hosts.copy(host, closure, { deployment }, signal);
        return closure;
      };
      const reboot = (closure: string, deployment: string, to: string, confirmWithinSeconds: number) =>
        hosts.reboot(host, closure, { deployment, previous: to, confirmWithinSeconds }, signal);
      const closure = await bring("three", "r1");
      await throughReboots(reboot(closure, "r1", previous, 600));
      await hosts.confirm(host, closure, { deployment: "r1" }, signal);
      expect(await hosts.observe(host, signal)).toMatchObject({ closure, boot: closure });
      expect(await run("readlink -f /run/booted-system")).toBe(closure);
      expect(await run("systemctl is-active cim-way-back || true")).toBe("inactive");

      // Its deployer is lost: the host comes up in the new system, and goes back by another reboot.
      const boots = async () => Number(await run("journalctl --list-boots | wc -l"));
      const before = await boots();
      const unconfirmed = await bring("four", "r2");
      const isBack = async () => {
        await reboot(unconfirmed, "r2", closure, 1).catch(() => undefined);
        const runs = async () => (await hosts.current(host, signal).catch(() => undefined))?.closure;
        while ((await runs()) !== closure) await new Promise((wake) => setTimeout(wake, 300));
      };
      await throughReboots(isBack());
      expect((await hosts.observe(host, signal)).boot).toBe(closure);
      expect(await boots()).toBeGreaterThanOrEqual(before + 2);
    },
    4 * minute,
  );
});
