import { describe } from "@jest/globals";
import { memoryEventStoreLayer } from "../../../../src/infrastructure/memory/event-store.ts";
import { eventStoreContract } from "../../../support/contracts/event-store.contract.ts";

describe("the event store in memory", () => eventStoreContract(() => memoryEventStoreLayer));
