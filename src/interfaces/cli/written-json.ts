import { createScanner } from "jsonc-parser";

/** The pieces of a JSON text: brackets, commas, values, blanks and comments, also where they are not JSON. */
function* piecesOf(text: string): Generator<string> {
  const scanner = createScanner(text, false);
  while (scanner.getPosition() < text.length) {
    const from = scanner.getPosition();
    scanner.scan();
    yield text.slice(from, scanner.getPosition());
  }
}

const isComment = (piece: string): boolean => piece.startsWith("//") || piece.startsWith("/*");

/** A text of the same length, with spaces instead of everything but line breaks. */
const blank = (text: string): string => text.replaceAll(/[^\r\n]/g, " ");

/**
 * JSON as people write it, as plain JSON: comments and commas after the last member become spaces. Everything else keeps its
 * place, so that faults are reported where they stand in the file.
 */
export const plainJson = (text: string): string => {
  const pieces: Array<string> = [];
  // The place of a comma behind a value, if nothing but blanks and comments follows it so far.
  let comma = -1;
  let last = "";
  for (const piece of piecesOf(text)) {
    if (comma >= 0 && (piece === "}" || piece === "]")) pieces[comma] = " ";
    if (!isComment(piece) && piece.trim() !== "") {
      comma = piece === "," && !["{", "[", ":", ","].includes(last) ? pieces.length : -1;
      last = piece;
    }
    pieces.push(isComment(piece) ? blank(piece) : piece);
  }
  return pieces.join("");
};

/** Whether a JSON text has comments. */
export const hasJsonComments = (text: string): boolean => [...piecesOf(text)].some(isComment);
