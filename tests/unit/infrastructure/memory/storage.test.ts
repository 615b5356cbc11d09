import { describe } from "@jest/globals";
import { memoryArtifactsLayer, memoryViewStoreLayer } from "../../../../src/infrastructure/memory/storage.ts";
import { artifactsContract } from "../../../support/contracts/artifacts.contract.ts";
import { viewStoreContract } from "../../../support/contracts/view-store.contract.ts";

describe("artifacts in memory", () => artifactsContract(() => memoryArtifactsLayer));

describe("views in memory", () => viewStoreContract(() => memoryViewStoreLayer));
