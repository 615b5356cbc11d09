import { describe } from "@jest/globals";
import { Context, Effect, Layer } from "effect";
import { Feed, Leases } from "../../../../src/application/ports/mod.ts";
import type { RecordedEvent } from "../../../../src/domain/kernel/mod.ts";
import {
  type Delivery,
  memoryFeedLayer,
  memoryHeartbeatsLayer,
  memoryInboxLayer,
  memoryLeasesLayer,
  memoryTimersLayer,
} from "../../../../src/infrastructure/memory/messaging.ts";
import { feedContract } from "../../../support/contracts/feed.contract.ts";
import { heartbeatsContract } from "../../../support/contracts/heartbeats.contract.ts";
import { inboxContract } from "../../../support/contracts/inbox.contract.ts";
import { leasesContract } from "../../../support/contracts/leases.contract.ts";
import { timersContract } from "../../../support/contracts/timers.contract.ts";

describe("inboxes in memory", () => {
  const delivered = new Map<string, Array<Delivery>>();
  inboxContract(
    () => memoryInboxLayer(delivered),
    Effect.succeed((agentId) => Effect.sync(() => delivered.get(agentId) ?? [])),
  );
});

describe("timers in memory", () => timersContract(() => memoryTimersLayer));

describe("heartbeats in memory", () => heartbeatsContract(() => memoryHeartbeatsLayer()));

describe("the feed in memory", () => {
  feedContract(
    Effect.gen(function* () {
      const written: Array<RecordedEvent> = [];
      const writer = Effect.map(Layer.build(memoryFeedLayer(written)), (context) => Context.get(context, Feed));
      return {
        one: yield* writer,
        other: yield* writer,
        written: Effect.sync(() => written.map(({ eventId }) => eventId)),
      };
    }),
  );
});

describe("leases in memory", () => {
  leasesContract(
    Effect.provide(
      Effect.map(Leases, (leases) => [leases, leases] as const),
      memoryLeasesLayer,
    ),
  );
});
