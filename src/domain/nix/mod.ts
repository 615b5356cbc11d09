export { type Flake, flakeText, hostFile, renderFlake } from "./flake.ts";
export type { HostSpecification } from "./host.ts";
export { type HostDifference, hostDifference, hostDifferences } from "./host-diff.ts";
export { type HostParts, hostPartsOf, type Opening } from "./host-parts.ts";
export type { NodeSpecification } from "./node-kinds.ts";
export type { NotRenderable } from "./not-renderable.ts";
export { type Specification, specify } from "./specification.ts";
