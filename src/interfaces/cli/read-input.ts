import { readFile } from "node:fs/promises";
import { Result, type Schema } from "effect";
import { type JsonFault, parseStrictJson } from "../../infrastructure/strict-json.ts";
import { CliFailure, messageOf, systemCode, usageFailure } from "./errors.ts";
import type { Host } from "./invocation.ts";
import { plainJson } from "./written-json.ts";
import { readYaml } from "./yaml.ts";

const whyUnreadable: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file: check the path",
  EISDIR: "is a directory: name a file in it",
  EACCES: "may not be read: check its permissions",
  EPERM: "may not be read: check its permissions",
  ENOTDIR: "there is no such file: a part of the path is not a directory",
};

/** Reads a file, or standard input if `path` is `-`. */
export const readText = async (host: Host, path: string): Promise<string> => {
  try {
    const bytes = path === "-" ? await host.readStdin() : await readFile(path);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const code = systemCode(error);
    const why = code === "ERR_ENCODING_INVALID_ENCODED_DATA" ? "is not UTF-8 text" : whyUnreadable[code];
    throw new CliFailure(`${nameOf(path)}: ${why ?? messageOf(error)}`, { cause: error });
  }
};

/** The name of an input in messages. */
export const nameOf = (path: string): string => (path === "-" ? "standard input" : path);

/** Line and column, from 1, of an offset. */
export const placeOf = (text: string, offset: number): { readonly line: number; readonly column: number } => {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};

const parseFault = (text: string): string => {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return messageOf(error);
  }
};

/**
 * The offset at which a text stops being JSON. V8 reports it, except for a token that it did not expect. That token
 * ends the shortest beginning of the text that has the same fault.
 */
const faultOffset = (text: string): number => {
  const isToken = (fault: string) => fault.startsWith("Unexpected token");
  const fault = parseFault(text);
  const reported = /at position (\d+)/.exec(fault)?.[1];
  if (reported !== undefined) return Number(reported);
  if (!isToken(fault)) return text.trimEnd().length;
  let [fits, faulty] = [0, text.length];
  while (faulty - fits > 1) {
    const middle = (fits + faulty) >> 1;
    if (isToken(parseFault(text.slice(0, middle)))) faulty = middle;
    else fits = middle;
  }
  return faulty - 1;
};

/** V8's message without its own words for the place. */
const complaint = (text: string): string =>
  text.trim() === ""
    ? "it is empty"
    : parseFault(text).replace(/, (?:\.\.\.)?".*is not valid JSON$| in JSON at position.*$/, "");

/** A text is not JSON, or not YAML, or says what a program would read differently. */
export class Unreadable extends CliFailure {}

/** A fault for people, with what it is in. */
const faultText = ({ path, problem }: JsonFault): string => (path === "" ? `it ${problem}` : `\`${path}\`: ${problem}`);

/** Parses JSON, and refuses what a program would read differently. The failure names the line and column. */
export const parseJson = (text: string, name: string): Schema.Json => {
  const withoutMark = text.replace(/^\ufeff/, "");
  try {
    JSON.parse(withoutMark);
  } catch (error) {
    const { line, column } = placeOf(withoutMark, faultOffset(withoutMark));
    throw new Unreadable(`${name}:${line}:${column}: not JSON: ${complaint(withoutMark)}`, { cause: error });
  }
  const parsed = parseStrictJson(new TextEncoder().encode(withoutMark));
  if (Result.isSuccess(parsed)) return parsed.success as Schema.Json;
  const [first = { path: "", problem: "cannot be read" }, ...others] = parsed.failure;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  const { line, column } = placeOf(withoutMark, first.offset ?? 0);
  throw new Unreadable(`${name}:${line}:${column}: ${faultText(first)}${more}`);
};

/** Parses YAML. The failure names the line and column. */
const parseYaml = (text: string, name: string): Schema.Json => {
  const read = readYaml(text);
  if ("value" in read && read.value !== null) return read.value;
  const { problem, offset } = "fault" in read ? read.fault : { problem: "it is empty", offset: 0 };
  const { line, column } = placeOf(text, offset);
  throw new Unreadable(`${name}:${line}:${column}: not YAML: ${problem}`);
};

/** Whether a file of this name is YAML. */
export const isYamlFile = (path: string): boolean => /\.ya?ml$/i.test(path);

/** Whether a text from a nameless input can only be YAML: JSON begins with a bracket, or a comment before it. */
const looksLikeYaml = (text: string): boolean => /^[\s\ufeff]*[^\s\ufeff{["/]/.test(text);

/**
 * Reads a document from a file, or from standard input if `path` is `-`: JSON, with comments and commas after the last
 * member if one likes, or YAML if the file is named so.
 */
export const readDocument = async (host: Host, path: string): Promise<Schema.Json> =>
  documentOf(await readText(host, path), path);

/** The document in the text of a file. */
export const documentOf = (text: string, path: string): Schema.Json => {
  if (isYamlFile(path) || (path === "-" && looksLikeYaml(text))) return parseYaml(text, nameOf(path));
  return parseJson(parseFault(text) === "" ? text : plainJson(text), nameOf(path));
};

/** The value of an option that takes JSON: itself, `@file`, or `-` for standard input. */
export const jsonArgument = async (host: Host, option: string, value: string): Promise<Schema.Json> => {
  if (value === "-") return readDocument(host, "-");
  if (value.startsWith("@")) return readDocument(host, value.slice(1));
  try {
    JSON.parse(value);
  } catch (error) {
    throw usageFailure(`${option} is not JSON (${messageOf(error)}): give JSON, @file, or - for standard input`, error);
  }
  try {
    return parseJson(value, option);
  } catch (error) {
    throw usageFailure(messageOf(error), error);
  }
};
