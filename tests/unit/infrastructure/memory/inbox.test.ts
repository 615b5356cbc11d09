import { describe } from "@jest/globals";
import { Effect } from "effect";
import { type Delivery, memoryInboxLayer } from "../../../../src/infrastructure/memory/inbox.ts";
import { inboxContract } from "../../../support/contracts/inbox.contract.ts";

describe("inboxes in memory", () => {
  const delivered = new Map<string, Array<Delivery>>();
  inboxContract(
    () => memoryInboxLayer(delivered),
    Effect.succeed((agentId) => Effect.sync(() => delivered.get(agentId) ?? [])),
  );
});
