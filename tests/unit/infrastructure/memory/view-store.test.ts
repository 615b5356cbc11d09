import { describe } from "@jest/globals";
import { memoryViewStoreLayer } from "../../../../src/infrastructure/memory/view-store.ts";
import { viewStoreContract } from "../../../support/contracts/view-store.contract.ts";

describe("views in memory", () => viewStoreContract(() => memoryViewStoreLayer));
