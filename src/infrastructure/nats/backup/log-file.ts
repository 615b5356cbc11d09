import { createReadStream } from "node:fs";
import { messageOf } from "../../message-of.ts";
import { type LogEnd, lineDigest, type RawMessage, readLine } from "./line.ts";

/** A file is damaged. The message names the file, the line and the remedy. */
export class FileDamaged extends Error {
  override readonly name = "FileDamaged";
}

/** The longest line that is read: a message of 64 MiB in base64. A nats-server takes no larger message. */
const longestLine = 96 * 1024 * 1024;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Yields the lines of a file, without their line breaks. Text after the last line break is also a line. */
async function* linesOf(file: string): AsyncGenerator<{ readonly number: number; readonly text: string }> {
  let number = 1;
  let parts: Array<Buffer> = [];
  let length = 0;
  const take = (last: Buffer) => {
    const bytes = Buffer.concat([...parts, last]);
    parts = [];
    length = 0;
    try {
      return { number: number++, text: utf8.decode(bytes) };
    } catch (cause) {
      throw new FileDamaged(`${file}: line ${number - 1} is not text in UTF-8: ${anotherCopy}`, { cause });
    }
  };
  for await (const chunk of createReadStream(file)) {
    if (!Buffer.isBuffer(chunk)) continue;
    let from = 0;
    for (let to = chunk.indexOf(0x0a); to >= 0; to = chunk.indexOf(0x0a, from)) {
      yield take(chunk.subarray(from, to));
      from = to + 1;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > longestLine)
      throw new FileDamaged(`${file}: line ${number} is longer than any of an exported log: ${anotherCopy}`);
  }
  if (parts.length > 0) yield take(Buffer.alloc(0));
}

const anotherCopy = "use another copy, or export again";

/**
 * Yields the messages of an exported log in order, and returns the data of the last line. Each message is checked: it
 * is the exported one, in its place. Throws `FileDamaged` at the first line that does not fit, or if the last line is
 * missing.
 */
export async function* readLogFile(file: string): AsyncGenerator<RawMessage, LogEnd> {
  const digest = lineDigest();
  let first: number | undefined;
  let next = 1;
  let source: string | undefined;
  let end: LogEnd | undefined;
  const unfit = (number: number, why: string, cause?: unknown) =>
    new FileDamaged(`${file}: line ${number}: ${why}: ${anotherCopy}`, { cause });
  for await (const { number, text } of linesOf(file)) {
    if (end !== undefined) throw unfit(number, "it comes after the last line of the export");
    const line = parsed(text, (error) => unfit(number, messageOf(error), error));
    source ??= line.source;
    if (line.source !== source) throw unfit(number, `it is of the installation ${line.source}, not ${source}`);
    if ("to" in line) {
      const from = first ?? line.from;
      if (line.from !== from || line.to !== (first === undefined ? from - 1 : next - 1))
        throw unfit(number, `the export has the positions ${line.from} to ${line.to}, and lines of it are missing`);
      if (line.digest !== digest.digest()) throw unfit(number, "the lines before it are not those of the export");
      end = line;
      continue;
    }
    const { message } = line;
    if (first === undefined) first = next = message.position;
    if (message.position !== next)
      throw unfit(number, `it is position ${message.position}, and ${next} should follow: lines are missing or moved`);
    digest.add(`${text}\n`);
    next += 1;
    yield message;
  }
  if (end === undefined)
    throw new FileDamaged(
      `${file} ends after position ${next - 1} without its last line: it was cut off; ${anotherCopy}`,
    );
  return end;
}

const parsed = (text: string, failure: (error: unknown) => Error) => {
  try {
    return readLine(text);
  } catch (error) {
    throw failure(error);
  }
};
