import { describe } from "@jest/globals";
import { Effect } from "effect";
import { Leases } from "../../../../src/application/ports/mod.ts";
import { memoryLeasesLayer } from "../../../../src/infrastructure/memory/leases.ts";
import { leasesContract } from "../../../support/contracts/leases.contract.ts";

describe("leases in memory", () => {
  leasesContract(
    Effect.provide(
      Effect.map(Leases, (leases) => [leases, leases] as const),
      memoryLeasesLayer,
    ),
  );
});
