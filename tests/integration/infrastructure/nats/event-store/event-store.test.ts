import { afterAll, beforeAll, describe } from "@jest/globals";
import { Layer } from "effect";
import { eventStoreLayer } from "../../../../../src/infrastructure/nats/event-store/mod.ts";
import { eventStoreContract } from "../../../../support/contracts/event-store.contract.ts";
import { type TestNats, testNats } from "../../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

describe("the event store in JetStream", () => {
  eventStoreContract(() => Layer.provide(eventStoreLayer(), nats.connection()));
});
