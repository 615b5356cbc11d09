/** The largest weight of a server of HAProxy. */
const heaviest = 256;

/**
 * Integers from 1 to 256 in the proportion of some positive numbers: the smallest that keep it exactly, else the nearest
 * with 256 for the largest.
 */
export const integerWeights = (weights: ReadonlyArray<number>): ReadonlyArray<number> => {
  const largest = Math.max(...weights);
  const parts = weights.map((weight) => weight / largest);
  const isExact = (scale: number) =>
    parts.every((part) => part * scale >= 0.5 && Math.abs(part * scale - Math.round(part * scale)) < 1e-9);
  let scale = 1;
  while (scale < heaviest && !isExact(scale)) scale += 1;
  return parts.map((part) => Math.max(1, Math.round(part * scale)));
};
