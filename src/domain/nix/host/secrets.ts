/** A file that the operator puts on a host. Secrets never enter the store or the log. */
export interface Secret {
  readonly path: string;
  /** The node that reads the file. */
  readonly node: string;
  /** A description of its content, for the operator. */
  readonly content: string;
}

/**
 * Returns the file with a secret of a node, for secrets whose file the graph does not name. sops-nix calls the secret
 * `cim/<node>/<name>`.
 */
export const secretFile = (node: string, name: string): string => `/run/secrets/cim/${node}/${name}`;
