import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** Returns whether an `Accept-Encoding` header permits an encoding (RFC 9110, 12.5.3). */
export const permits = (header: string, encoding: string): boolean =>
  header.split(",").some((part) => {
    const [name = "", weight = "q=1"] = part.split(";").map((word) => word.trim().toLowerCase());
    return name === encoding && Number(weight.slice("q=".length)) > 0;
  });

/** The best first. Levels that take a few milliseconds a megabyte: an answer is made smaller while somebody waits. */
const encoders = {
  br: (bytes: Uint8Array) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  gzip: (bytes: Uint8Array) => promisify(gzip)(bytes, { level: 4 }),
};

/** A shorter answer fits into one packet as it is. */
const leastBytes = 1_024;

/**
 * Returns a JSON answer in the best encoding that the request permits. Any other answer is returned as it is. The event
 * stream is not JSON and must not wait in the window of an encoder.
 */
export const encoded = async (answer: Response, acceptEncoding: string): Promise<Response> => {
  if (answer.body === null || answer.headers.get("Content-Type") !== "application/json") return answer;
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const headers = new Headers(answer.headers);
  headers.set("Vary", "Accept-Encoding");
  const { status } = answer;
  const encoding = (["br", "gzip"] as const).find((name) => permits(acceptEncoding, name));
  if (encoding === undefined || bytes.length < leastBytes) return new Response(bytes, { status, headers });
  headers.set("Content-Encoding", encoding);
  return new Response(new Uint8Array(await encoders[encoding](bytes)), { status, headers });
};
