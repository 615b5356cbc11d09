import { describe } from "@jest/globals";
import { memoryArtifactsLayer } from "../../../../src/infrastructure/memory/artifacts.ts";
import { artifactsContract } from "../../../support/contracts/artifacts.contract.ts";

describe("artifacts in memory", () => artifactsContract(() => memoryArtifactsLayer));
