export { hostFile } from "./files.ts";
export { type Flake, flakeText, renderFlake } from "./flake.ts";
export type { HostSpecification } from "./host.ts";
export { type HostDifference, hostDifference, hostDifferences } from "./host-diff.ts";
export { type HostParts, hostPartsOf, type Opening } from "./host-parts.ts";
export type { NodeSpecification } from "./node-kinds.ts";
export { type InputName, inputNames, type Pins } from "./pins.ts";
export { type Admission, admissionsOf } from "./policy.ts";
export { type Specification, specify } from "./specification.ts";
