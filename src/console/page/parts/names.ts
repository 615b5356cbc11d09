/** Reads names that one types, apart by commas or spaces, each once. */
export const namesIn = (text: string): ReadonlyArray<string> => [
  ...new Set(text.split(/[\s,]+/).filter((name) => name !== "")),
];

/** Returns a name for a new thing: the words of its title as far as ids have them, and chance, so that none is twice. */
export const newId = (title: string, chance: number): string => {
  const words = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 48);
  const end = Math.floor(chance * 36 ** 4)
    .toString(36)
    .padStart(4, "0");
  return words === "" ? end : `${words}-${end}`;
};
