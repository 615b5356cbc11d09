export { type HostDifference, hostDifference, hostDifferences } from "./difference/host-diff.ts";
export { type HostParts, hostPartsOf, type Opening } from "./difference/host-parts.ts";
export { hostFile } from "./flake/files.ts";
export { type Flake, flakeText, type RenderedFlake, renderFlake } from "./flake/flake.ts";
export type { HostSummary } from "./flake/host-summary.ts";
export { type InputName, inputNames, type Pins } from "./flake/pins.ts";
export type { Admission } from "./host/policy.ts";
export type { NodeSpecification } from "./node-kinds.ts";
export { specify } from "./specification.ts";
