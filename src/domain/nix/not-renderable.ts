/** Why a graph cannot become a flake: the node, and in words what is wrong with it and what to do. */
export interface NotRenderable {
  readonly node: string;
  readonly reason: string;
}
