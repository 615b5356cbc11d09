import { describe } from "@jest/globals";
import { memorySnapshotsLayer } from "../../../../src/infrastructure/memory/snapshots.ts";
import { snapshotsContract } from "../../../support/contracts/snapshots.contract.ts";

describe("snapshots in memory", () => snapshotsContract(() => memorySnapshotsLayer));
