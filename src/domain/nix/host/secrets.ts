/** A file that the operator puts on a host: secrets never enter the store or the log. */
export interface Secret {
  readonly path: string;
  /** The node that reads it. */
  readonly node: string;
  /** What is in it, in words. */
  readonly content: string;
}

/** Where a node finds a secret that the graph names no file for; sops-nix calls it `cim/<node>/<name>`. */
export const secretFile = (node: string, name: string): string => `/run/secrets/cim/${node}/${name}`;
