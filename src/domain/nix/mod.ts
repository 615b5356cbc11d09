export { type HostDifference, hostDifference, hostDifferences } from "./difference/host-diff.ts";
export { type HostParts, hostPartsOf, type Opening } from "./difference/host-parts.ts";
export { hostFile } from "./flake/files.ts";
export { type Flake, flakeText, renderFlake } from "./flake/flake.ts";
export { type InputName, inputNames, type Pins } from "./flake/pins.ts";
export type { HostSpecification } from "./host/host.ts";
export { type Admission, admissionsOf } from "./host/policy.ts";
export type { NodeSpecification } from "./node-kinds.ts";
export { type Specification, specify } from "./specification.ts";
