import type { IncomingMessage, ServerResponse } from "node:http";
import type { MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { everyAnswer, newNonce, refused } from "./answers.ts";
import { count } from "./metrics.ts";
import { foreignScript, type Origins, originOfHost } from "./origins.ts";
import type { Session, Sessions } from "./sessions.ts";

/** What a route gets besides the request. */
export interface Environment {
  readonly Bindings: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse };
  readonly Variables: {
    /** Our origin, as the request names it. */
    readonly origin: string;
    /** The nonce of the answer's styles. */
    readonly nonce: string;
    /** The session of the request, after {@link loggedIn}. */
    readonly session: Session;
  };
}

type Guard = MiddlewareHandler<Environment>;

/** A header that only a script of our own origin can send, because CORS allows no other origin anything. */
export const consoleHeader = "Cim-Console";

/** For whom a page speaks. It refuses what a page asks that does not know yet that another person has logged in. */
export const principalHeader = "Cim-Principal";

/** Cookies do not know ports: two consoles on one machine would otherwise log each other out. */
export const cookieName = (port: number): string => `cim-session-${port}`;

/** Sets the headers of every answer. Returns the nonce that they allow styles by. */
export const setHeaders = (outgoing: ServerResponse): string => {
  const nonce = newNonce();
  for (const [name, value] of Object.entries(everyAnswer(nonce))) outgoing.setHeader(name, value);
  return nonce;
};

/** Sets the headers of every answer, and refuses requests for names that are not ours. */
export const everyRequest =
  (origins: Origins): Guard =>
  async (c, next) => {
    c.set("nonce", setHeaders(c.env.outgoing));
    const origin = originOfHost(origins, c.req.header("Host"));
    if (origin === undefined)
      throw refused(421, "unauthorized", "this port has another name: give it to --console-origin", "unknown-host");
    c.set("origin", origin);
    await next();
    count("requests", { status: String(c.res.status) });
  };

/** Lets people through who are logged in. */
export const loggedIn =
  (sessions: Sessions, port: number): Guard =>
  async (c, next) => {
    const session = sessions.find(getCookie(c, cookieName(port)));
    if (session === undefined)
      throw refused(
        401,
        "unauthorized",
        "you are not logged in: open a log-in link, which works once",
        "not-logged-in",
      );
    const meant = c.req.header(principalHeader);
    if (meant !== undefined && meant !== session.principal)
      throw refused(
        401,
        "unauthorized",
        `${session.principal} is logged in here now, and not ${meant}: load the page again`,
        "another-person",
      );
    c.set("session", session);
    await next();
  };

/**
 * Lets through what a script of our own page sent. What another site can make a browser send is refused: links, images
 * and forms cannot send the header, and their origin is another one.
 */
export const ownScript =
  ({ changes }: { readonly changes: boolean }): Guard =>
  async (c, next) => {
    const provenance = { origin: c.req.header("Origin"), fetchSite: c.req.header("Sec-Fetch-Site") };
    const foreign = foreignScript(c.get("origin"), provenance, changes);
    if (foreign !== undefined) throw refused(403, "unauthorized", foreign, "foreign-origin");
    if (changes && c.req.header(consoleHeader) !== "1")
      throw refused(403, "unauthorized", `the header \`${consoleHeader}: 1\` is missing`, "header-missing");
    await next();
  };
