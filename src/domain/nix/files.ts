/** The path of a host's module in the flake. */
export const hostFile = (host: string): string => `hosts/${host}.nix`;

/** The path of the document that the flake was made from. */
export const graphFile = "graph.json";

/** The path of the summary for programs that deploy the flake. */
export const deploymentFile = "deployment.json";

export const flakeFile = "flake.nix";

export const readmeFile = "README.md";
