/** The path of a host's module in the flake. */
export const hostFile = (host: string): string => `hosts/${host}.nix`;
