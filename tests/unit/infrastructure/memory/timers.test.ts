import { describe } from "@jest/globals";
import { memoryTimersLayer } from "../../../../src/infrastructure/memory/timers.ts";
import { timersContract } from "../../../support/contracts/timers.contract.ts";

describe("timers in memory", () => timersContract(() => memoryTimersLayer));
