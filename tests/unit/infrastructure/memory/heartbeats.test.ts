import { describe } from "@jest/globals";
import { memoryHeartbeatsLayer } from "../../../../src/infrastructure/memory/heartbeats.ts";
import { heartbeatsContract } from "../../../support/contracts/heartbeats.contract.ts";

describe("heartbeats in memory", () => heartbeatsContract(() => memoryHeartbeatsLayer()));
