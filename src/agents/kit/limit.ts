/** Runs what it is given, at most `width` at a time, the others in the order they came. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

export const limit = (width: number): Limit => {
  const waiting: Array<() => void> = [];
  let free = width;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
};
