/** Returns a sentence with its store paths shortened: their first characters differ. */
export const withShortPaths = (text: string): string => text.replaceAll(/\/nix\/store\/([a-z0-9]{8})[^\s,;]*/g, "$1…");
