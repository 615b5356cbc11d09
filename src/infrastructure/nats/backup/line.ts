import { createHash, hash } from "node:crypto";
import { Option, Result, Schema } from "effect";
import type { LogMessage } from "../../../application/ports/mod.ts";
import { EndLine, lineTypes } from "../../../contract/exported-log.ts";
import { decodeCommit } from "../event-store/commits.ts";

/** A message of the log, byte for byte. */
export interface RawMessage {
  readonly position: number;
  /** The subject without the prefix that all subjects of the log share: `graph.shop`. */
  readonly subject: string;
  readonly data: Uint8Array;
}

/** The data of the last line of a file, and its installation. */
export interface LogEnd extends Readonly<EndLine["data"]> {
  readonly source: string;
}

/** A line that cannot be part of an exported log, or not in this place. */
export class LineUnfit extends Error {
  override readonly name = "LineUnfit";
}

const digestOf = ({ subject, data }: RawMessage): string =>
  `sha256-${createHash("sha256").update(`${subject}\n`).update(data).digest("hex")}`;

/** Returns a message in the form that readers of the log get. */
export const logMessageOf = ({ position, subject, data }: RawMessage): LogMessage =>
  Result.match(decodeCommit(position, subject, data, ""), {
    onSuccess: (commit): LogMessage => ({ kind: "commit", commit }),
    onFailure: (foreign) => ({ kind: "foreign", foreign }),
  });

/**
 * The separator between the other attributes and the data. The data comes last. No attribute before it is an object.
 */
const beforeData = ',"data":';

/**
 * Returns the line of a message, with its line break. The same message always has the same line. The data is copied
 * from the message, not parsed and written again. Otherwise an import could have other bytes, and seals would not
 * match. A commit with a line break between its tokens is kept as bytes. Only other programs write such commits.
 */
export const lineOf = (message: RawMessage, source: string): string => {
  const { position, subject, data } = message;
  const read = logMessageOf(message);
  const attributes = { specversion: "1.0", id: `log.${position}`, source };
  const more = { subject, sequence: String(position), digest: digestOf(message) };
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (read.kind === "foreign" || bytes.includes(0x0a) || bytes.includes(0x0d))
    return `${JSON.stringify({ ...attributes, type: lineTypes.foreign, ...more, data_base64: bytes.toString("base64") })}\n`;
  const { time } = read.commit;
  const head = JSON.stringify({
    ...attributes,
    type: lineTypes.commit,
    ...more,
    time,
    datacontenttype: "application/json",
  });
  return `${head.slice(0, -1)}${beforeData}${bytes.toString("utf8")}}\n`;
};

/** Returns the last line of a file. */
export const endLineOf = ({ source, from, to, digest }: LogEnd): string =>
  `${JSON.stringify({
    specversion: "1.0",
    id: `end.${from}-${to}`,
    source,
    type: lineTypes.end,
    datacontenttype: "application/json",
    data: { from, to, digest },
  })}\n`;

const Attributes = Schema.Struct({
  type: Schema.String,
  source: Schema.String,
  subject: Schema.String,
  sequence: Schema.String.check(Schema.isPattern(/^[1-9]\d{0,14}$/)),
  data_base64: Schema.optionalKey(Schema.String),
});
const decodeAttributes = Schema.decodeUnknownOption(Schema.fromJsonString(Attributes));
const decodeEnd = Schema.decodeUnknownOption(Schema.fromJsonString(EndLine));

const notOne = () => new LineUnfit("it is not a line of an exported log");

/** Returns the attributes of a line, and its data if it is JSON. */
const partsOf = (text: string) => {
  const at = text.indexOf(beforeData);
  if (at < 0) return { head: text, body: undefined };
  return {
    head: `${text.slice(0, at)}}`,
    body: text.slice(at + beforeData.length, text.endsWith("}") ? -1 : undefined),
  };
};

/** Returns the message of a line without its line break, or the data of the last line. Throws `LineUnfit`. */
export const readLine = (text: string): { readonly message: RawMessage; readonly source: string } | LogEnd => {
  const { head, body } = partsOf(text);
  if (head.includes(`"type":"${lineTypes.end}"`)) {
    const { source, data } = Option.getOrThrowWith(decodeEnd(text), notOne);
    const end = { source, ...data };
    if (endLineOf(end) !== `${text}\n`) throw notOne();
    return end;
  }
  const { source, subject, sequence, data_base64 } = Option.getOrThrowWith(decodeAttributes(head), notOne);
  const data = body === undefined ? Buffer.from(data_base64 ?? "", "base64") : Buffer.from(body);
  const message = { position: Number(sequence), subject, data };
  if (lineOf(message, source) !== `${text}\n`)
    throw new LineUnfit(`it is not what was exported of position ${sequence} (${subject}): its digest is another`);
  return { message, source };
};

/** Returns a digest that grows line by line. */
export const lineDigest = () => {
  const sha256 = createHash("sha256");
  return {
    add: (line: string): void => void sha256.update(line),
    digest: (): string => `sha256-${sha256.copy().digest("hex")}`,
  };
};

/** Returns the digest of a whole text or of bytes. */
export const sha256Of = (data: string | Uint8Array): string => `sha256-${hash("sha256", data, "hex")}`;
