/**
 * Characters that are invisible, or that move or hide the text around them: controls (C0, C1), formats (bidirectional,
 * zero-width, tags), line and paragraph separators, lone surrogates, and blank letters.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]/gu;

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const escaped = (character: string): string =>
  character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");

/**
 * Returns a text from others on one line, with each invisible character as an escape (`\n`, `\u202e`). Without it, the
 * text could draw on the reader's terminal, reverse its direction, or fake a line of the program's own output.
 */
export const visible = (text: string): string =>
  text.replace(unseen, (character) => short[character] ?? escaped(character));

/** Returns a JSON text of the same value that is safe to print on a terminal. The line breaks between values stay. */
export const visibleJson = (json: string): string =>
  json.replace(unseen, (character) => (character === "\n" ? character : escaped(character)));
