import { describe } from "@jest/globals";
import { memoryPresenceLayer } from "../../../../src/infrastructure/memory/presence.ts";
import { presenceContract } from "../../../support/contracts/presence.contract.ts";

describe("presence in memory", () => presenceContract(() => memoryPresenceLayer({ intervalSeconds: 1 })));
