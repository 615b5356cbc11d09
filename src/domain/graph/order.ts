/** Returns a comparison by a text, code unit by code unit, which gives the same order on every machine. */
export const byText =
  <T>(textOf: (value: T) => string) =>
  (left: T, right: T): number => {
    const [leftText, rightText] = [textOf(left), textOf(right)];
    return leftText < rightText ? -1 : leftText > rightText ? 1 : 0;
  };

/**
 * Returns a sorted copy of a long list. Each text is computed once, not once per comparison. A sorted list takes little
 * time.
 */
export const sortedByText = <T>(values: ReadonlyArray<T>, textOf: (value: T) => string): Array<T> => {
  const texts = values.map(textOf);
  if (texts.every((text, index) => index === 0 || (texts[index - 1] ?? "") <= text)) return [...values];
  return values
    .map((value, index) => ({ value, text: texts[index] ?? "" }))
    .sort(byText(({ text }) => text))
    .map(({ value }) => value);
};
