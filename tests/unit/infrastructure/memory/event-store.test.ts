import { describe } from "@jest/globals";
import {
  memoryCheckpointsLayer,
  memoryEventStoreLayer,
  memorySnapshotsLayer,
} from "../../../../src/infrastructure/memory/event-store.ts";
import { checkpointsContract } from "../../../support/contracts/checkpoints.contract.ts";
import { eventStoreContract } from "../../../support/contracts/event-store.contract.ts";
import { snapshotsContract } from "../../../support/contracts/snapshots.contract.ts";

describe("the event store in memory", () => eventStoreContract(() => memoryEventStoreLayer));

describe("snapshots in memory", () => snapshotsContract(() => memorySnapshotsLayer));

describe("checkpoints in memory", () => checkpointsContract(() => memoryCheckpointsLayer));
