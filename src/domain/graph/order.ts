/** Compares by a text, code unit by code unit: the same order on every machine. */
export const byText =
  <T>(textOf: (value: T) => string) =>
  (left: T, right: T): number => {
    const [leftText, rightText] = [textOf(left), textOf(right)];
    return leftText < rightText ? -1 : leftText > rightText ? 1 : 0;
  };

/** A sorted copy of a long list; each text is made once, not for each comparison. */
export const sortedByText = <T>(values: ReadonlyArray<T>, textOf: (value: T) => string): Array<T> =>
  values
    .map((value) => ({ value, text: textOf(value) }))
    .sort(byText(({ text }) => text))
    .map(({ value }) => value);
