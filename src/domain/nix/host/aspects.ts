import type { Binding } from "../language/expression.ts";
import { exporters } from "../monitoring/exporters/mod.ts";
import type { Exporters } from "../monitoring/exporters/specification.ts";
import { observation } from "../monitoring/observation/mod.ts";
import type { Observation } from "../monitoring/observation/specification.ts";
import type { Place } from "../node-kind.ts";
import { type Volumes, volumes } from "../storage/volumes.ts";
import type { Path } from "./network.ts";
import type { Secret } from "./secrets.ts";

/** The configuration that a host gets from edges of the graph, in addition to that of its nodes. */
export interface AspectSpecification {
  readonly volumes: Volumes | undefined;
  readonly exporters: Exporters | undefined;
  readonly observation: Observation | undefined;
}

export const specifyAspects = (place: Place): AspectSpecification => ({
  volumes: volumes.specify(place),
  exporters: exporters.specify(place),
  observation: observation.specify(place),
});

export const aspectPaths = (place: Place): ReadonlyArray<Path> => [
  ...(volumes.paths?.(place) ?? []),
  ...(exporters.paths?.(place) ?? []),
  ...(observation.paths?.(place) ?? []),
];

export const aspectSecrets = (aspects: AspectSpecification): ReadonlyArray<Secret> => [
  ...(aspects.volumes === undefined ? [] : (volumes.secrets?.(aspects.volumes) ?? [])),
  ...(aspects.exporters === undefined ? [] : (exporters.secrets?.(aspects.exporters) ?? [])),
  ...(aspects.observation === undefined ? [] : (observation.secrets?.(aspects.observation) ?? [])),
];

export const aspectOptions = (aspects: AspectSpecification): ReadonlyArray<Binding> => [
  ...(aspects.volumes === undefined ? [] : volumes.options(aspects.volumes)),
  ...(aspects.exporters === undefined ? [] : exporters.options(aspects.exporters)),
  ...(aspects.observation === undefined ? [] : observation.options(aspects.observation)),
];
