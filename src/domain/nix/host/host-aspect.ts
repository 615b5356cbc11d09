import type { Binding } from "../language/expression.ts";
import type { Place } from "../node-kind.ts";
import type { Path } from "./network.ts";
import type { Secret } from "./secrets.ts";

/** Something that hosts get because of edges of the graph, and not because of a node that runs on them. */
export interface HostAspect<A> {
  /** What the host must be; undefined where the graph asks nothing of it. */
  readonly specify: (place: Place) => A | undefined;
  /** Ways into the host. */
  readonly paths?: (place: Place) => ReadonlyArray<Path>;
  /** Files that the operator puts on the host. */
  readonly secrets?: (aspect: A) => ReadonlyArray<Secret>;
  readonly options: (aspect: A) => ReadonlyArray<Binding>;
}
