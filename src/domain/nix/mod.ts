export { type AdoptedBase, adoptedBase } from "./adopted/mod.ts";
export { type DataPlace, dataPlaceOf, isSamePlace, primaryOf } from "./data-place.ts";
export { type Admission, admissionsIn, type HostSummary } from "./flake/host-summary.ts";
export { type Flake, flakeText, type RenderedFlake, renderFlake, type Texts } from "./flake/mod.ts";
export { hostFile, inputsIn } from "./flake/outputs.ts";
export { canMean, defaultPins, inputsOf, isFixed, type Pins } from "./flake/pins.ts";
export {
  type HostDifference,
  type HostParts,
  hostDifference,
  hostDifferences,
  hostPartsOf,
  type Opening,
  storedHostParts,
} from "./host/difference.ts";
export { specify } from "./host/specification.ts";
export { type NodeSpecification, programUnitsIn } from "./node-kinds.ts";
export { unitName } from "./unit/names.ts";
