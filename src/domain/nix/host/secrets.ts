/** A file that the operator puts on a host. Secrets never enter the store or the log. */
export interface Secret {
  readonly path: string;
  /** The node that reads it. */
  readonly node: string;
  /** A description of its content, for the operator. */
  readonly content: string;
}

/** The file with a secret of a node, if the graph names no file for it. sops-nix calls the secret `cim/<node>/<name>`. */
export const secretFile = (node: string, name: string): string => `/run/secrets/cim/${node}/${name}`;
