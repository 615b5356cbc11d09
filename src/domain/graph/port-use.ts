/** Something that listens on a TCP port of a host. */
export interface PortUse {
  readonly port: number;
  /** The node, or the host itself, for whose sake it does. */
  readonly node: string;
  /** What it is, where it is not what the node's clients use. */
  readonly what?: string;
  /** One program of the host, for all nodes that need it: NixOS runs most engines once. */
  readonly shared?: boolean;
  /** What could be chosen instead; nothing where the port is fixed. */
  readonly choice?: string;
}
