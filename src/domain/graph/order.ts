/** Compares by a text, code unit by code unit: the same order on every machine. */
export const byText =
  <T>(textOf: (value: T) => string) =>
  (left: T, right: T): number => {
    const [leftText, rightText] = [textOf(left), textOf(right)];
    return leftText < rightText ? -1 : leftText > rightText ? 1 : 0;
  };
