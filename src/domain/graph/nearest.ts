/** How many letters must be put in, left out, replaced or swapped with their neighbour to make one word the other. */
const distance = (from: string, to: string): number => {
  let beforeLast: ReadonlyArray<number> = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length] ?? 0;
};

/** Without what people write differently: case, `-` and `_`. */
const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_ ]/g, "");

/** The known word that was probably meant by a misspelt one: at most a third of its letters are wrong. */
export const nearest = (word: string, known: ReadonlyArray<string>): string | undefined => {
  const meant = plain(word);
  let [found, least] = [undefined as string | undefined, Math.max(1, Math.floor(meant.length / 3)) + 1];
  for (const candidate of known) {
    const other = plain(candidate);
    // Words of so different length are far apart, and measuring very long ones would take long.
    if (Math.abs(other.length - meant.length) >= least) continue;
    const steps = distance(meant, other);
    if (steps < least) [found, least] = [candidate, steps];
  }
  return found;
};
