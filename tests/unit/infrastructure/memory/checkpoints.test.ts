import { describe } from "@jest/globals";
import { memoryCheckpointsLayer } from "../../../../src/infrastructure/memory/checkpoints.ts";
import { checkpointsContract } from "../../../support/contracts/checkpoints.contract.ts";

describe("checkpoints in memory", () => checkpointsContract(() => memoryCheckpointsLayer));
