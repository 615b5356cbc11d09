import { Context } from "effect";
import type { Pins } from "../../domain/nix/mod.ts";

/**
 * Where the inputs of the flakes that are deployed come from; the branches of their projects where nothing is said. A
 * setting of the installation: it counts in the digest of a flake, so all its backends need the same.
 */
export const FlakeInputs = Context.Reference<Pins>("cim/application/FlakeInputs", { defaultValue: () => ({}) });
