/** How text is written in Nix: in names, strings and paths. */

const identifier = /^(?!(?:if|then|else|assert|with|let|in|rec|inherit|or)$)[A-Za-z_][A-Za-z0-9_'-]*$/;

/** Whether a name in an attribute path can be written as it is: an identifier, and no keyword. */
export const isIdentifier = (name: string): boolean => identifier.test(name);

/** A name in an attribute path. */
export const attributeName = (name: string): string => (isIdentifier(name) ? name : quoted(name));

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "${": "\\${",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Text as it stands between quotes. */
export const escaped = (text: string): string =>
  /[\\"\n\r\t]|\$\{/.test(text) ? text.replaceAll(/[\\"\n\r\t]|\$\{/g, (found) => escapes[found] ?? found) : text;

/** Text between quotes that an interpolation follows: a final `$` is escaped, since `$${` would be text for Nix. */
export const escapedBefore = (text: string): string => escaped(text).replace(/\$$/, "\\$");

/** A string on one line, whatever is in it. */
export const quoted = (text: string): string => `"${escaped(text)}"`;

/**
 * Whether an indented string `''…''` can hold text of several lines as it is. A line has to start at the margin, so that
 * Nix strips exactly the indentation that is added. Blanks at the end of a line and control characters are written
 * between quotes, where editors leave them alone and readers see them.
 */
export const isBlock = (text: string): boolean =>
  text.includes("\n") && /(?:^|\n)[^ \n]/.test(text) && !/[ \t](?:\n|$)|[\u0001-\u0008\u000b-\u001f\u007f]/.test(text);

const blockEscapes: Readonly<Record<string, string>> = { "''": "'''", "'": "''\\'", "${": "''${", $: "''$" };

/** Text as it stands at the end of an indented string. A `'` before an escape, or before the end, would join it. */
export const blockEscaped = (text: string): string =>
  text.replaceAll(/''|'(?=\$\{|$)|\$\{/g, (found) => blockEscapes[found] ?? found);

/** Text as it stands in an indented string where an interpolation follows. */
export const blockEscapedBefore = (text: string): string =>
  text.replaceAll(/''|'(?=\$\{|\$$)|\$\{|\$$/g, (found) => blockEscapes[found] ?? found);

/** A path that a literal can hold. */
export const isPathLiteral = (path: string): boolean => /^(\.{0,2})(\/[A-Za-z0-9._+-]+)+$/.test(path);

/** The sum of a path and a string that any other path is. */
export const pathSum = (path: string): readonly [base: string, rest: string] =>
  path.startsWith("/") ? ["/.", quoted(path)] : ["./.", quoted(`/${path}`)];
