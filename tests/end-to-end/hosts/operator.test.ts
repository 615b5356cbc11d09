import { afterAll } from "@jest/globals";
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

  operatorContract(async () => {
    machines = await startMachines(["solo"]);
    // The operator runs nix and ssh in the environment of this process.
    Object.assign(process.env, machines.nixEnvironment());
    const solo = machines.get("solo");
    const check = { node: "site", port: 8080, intervalSeconds: 1, timeoutSeconds: 5, retries: 0 };
    return {
      operator: await NixosHosts.open({
        folder: machines.folder,
        ssh: { arguments: ["-o", "ConnectTimeout=3"] },
        buildOn: "local",
        checkSignatures: false,
      }),
      host: { host: "solo", address: solo.address },
      flakes: [flakeWith("one"), flakeWith("two")],
      well: { ...check, kind: "http", path: "/os-release" },
      ill: { ...check, kind: "http", path: "/not-there" },
      cut: solo.cutNetwork,
      heal: solo.healNetwork,
    };
  }, 5 * minute);
});
