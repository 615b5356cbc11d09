import { useEffect, useRef, useState } from "react";

/** Milliseconds after the last key at which a text counts. */
const rest = 300;

/** A text that one types, and that counts when one has stopped: `settle` is called with it then. */
export const useLater = (
  value: string,
  settle: (value: string) => void,
): readonly [text: string, setText: (text: string) => void] => {
  const [text, setText] = useState(value);
  const newest = useRef(settle);
  useEffect(() => {
    newest.current = settle;
  });
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => newest.current(text), rest);
    return () => clearTimeout(timer);
  }, [text, value]);
  return [text, setText];
};
