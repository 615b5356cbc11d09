import { isObject } from "./json.ts";

/** A refusal of a request, by the codes of the Agent Protocol (section 9.2). */
export class PromptError extends Error {
  override readonly name = "PromptError";
  readonly code: 400 | 404 | 429 | 500;
  /** For programs: lower case, with underscores. */
  readonly error: string;

  constructor(code: 400 | 404 | 429 | 500, error: string, message: string) {
    super(message);
    this.code = code;
    this.error = error;
  }
}

const malformed = (message: string) => new PromptError(400, "malformed_request", message);

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Returns the text of a prompt. The payload is an envelope if its first character, besides white space, is `{`;
 * otherwise it is the text itself (section 5.3). Fields that are not known are left alone. Throws {@link PromptError}.
 */
export const promptOf = (payload: Uint8Array): string => {
  if (payload.length === 0) throw malformed('the request is empty: send the prompt as text, or as {"prompt": "…"}');
  const text = decoded(payload);
  const prompt = /^[\t\n\r ]*\{/.test(text) ? promptIn(text) : text;
  if (prompt.trim() === "") throw malformed("the prompt is empty");
  return prompt;
};

const decoded = (payload: Uint8Array): string => {
  try {
    return utf8.decode(payload);
  } catch {
    throw malformed("the request is not UTF-8");
  }
};

const promptIn = (text: string): string => {
  const envelope = parsed(text);
  if (!isObject(envelope) || typeof envelope.prompt !== "string")
    throw malformed("the envelope has no field `prompt` with a text");
  const { attachments } = envelope;
  if (attachments !== undefined && !Array.isArray(attachments)) throw malformed("`attachments` is not a list");
  if (Array.isArray(attachments) && attachments.length > 0)
    throw new PromptError(400, "attachments_not_ok", "this agent takes no attachments: leave them out");
  return envelope.prompt;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed("the request begins with { and is not JSON");
  }
};
