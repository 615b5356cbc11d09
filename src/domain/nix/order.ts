/** Compares by UTF-16 code units of a key, so that order is the same everywhere. */
export const byText =
  <A>(key: (item: A) => string) =>
  (left: A, right: A): number => {
    const [a, b] = [key(left), key(right)];
    return a < b ? -1 : a > b ? 1 : 0;
  };
