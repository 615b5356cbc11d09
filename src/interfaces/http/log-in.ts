import { type Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import { defined } from "../../domain/kernel/mod.ts";
import { json, refused } from "./answers.ts";
import { cookieName, type Environment, loggedIn, ownScript } from "./guards.ts";
import { needsTls } from "./origins.ts";
import { callbackPath, logInPatience, NotLoggedIn, type Provider } from "./provider.ts";
import { longestLifetime, type Sessions } from "./sessions.ts";

/** Returns the address that logs a browser in, once. */
export const linkOf = (origin: string, secret: string): string => `${origin}/log-in?link=${secret}`;

/** Where a log-in by the provider begins. */
export const providerPath = "/log-in/provider";

export interface LogInOptions {
  readonly sessions: Sessions;
  readonly port: number;
  /** A page needs it to sign the subjects of its commands. */
  readonly prefix: string;
  /** The OpenID provider that people may log in by, if there is one. */
  readonly provider: Provider | undefined;
}

/** Logging in by a link or by a provider, logging out, and who one is. */
export const logInRoutes = ({ sessions, port, prefix, provider }: LogInOptions): Hono<Environment> => {
  const cookie = cookieName(port);
  const person = loggedIn(sessions, port);
  const change = ownScript({ changes: true });
  const routes = new Hono<Environment>();
  const begin = (c: Context<Environment>, secret: string) => {
    const before = getCookie(c, cookie);
    if (before !== undefined) void sessions.logOut(before);
    setCookie(c, cookie, secret, {
      path: "/",
      httpOnly: true,
      sameSite: "Strict",
      secure: needsTls(c.get("origin")),
      maxAge: longestLifetime / 1000,
    });
    return c.redirect("/", 303);
  };

  routes.get("/log-in", (c) => {
    // A browser that loads ahead, and a program that looks where a link leads, must not use the link up.
    if (c.req.method !== "GET" || c.req.header("Sec-Purpose") !== undefined) return c.body(null, 204);
    const link = c.req.query("link") ?? "";
    const person = sessions.personOf(link);
    if (person === undefined)
      throw refused(403, "unauthorized", "this link was used already, or is too old: ask for another one", "link-used");
    if (isFromElsewhere(c)) return c.html(confirmation(person, link));
    return begin(c, sessions.logIn(link) ?? "");
  });
  if (provider !== undefined) addProvider(routes, provider, { sessions, begun: `cim-log-in-${port}`, begin });

  routes.get("/api/session", ownScript({ changes: false }), person, (c) => json({ ok: true, ...personOf(c), prefix }));

  /** How one logs in: the page asks it before it knows who one is. */
  routes.get("/api/log-in", ownScript({ changes: false }), () =>
    json(defined({ ok: true, provider: provider && { name: provider.issuer, address: providerPath } })),
  );

  routes.post("/api/log-out", change, person, async (c) => {
    await sessions.logOut(getCookie(c, cookie) ?? "");
    deleteCookie(c, cookie, { path: "/", secure: needsTls(c.get("origin")) });
    return c.json({ ok: true });
  });

  /** For another browser of the same person. */
  routes.post("/api/link", change, person, (c) => {
    const { principal } = c.get("session");
    return json({ ok: true, principal, link: linkOf(c.get("origin"), sessions.newLink(principal)) });
  });
  return routes;
};

interface ProviderRoutes {
  readonly sessions: Sessions;
  /** The name of the cookie that a browser has while somebody is at the provider. */
  readonly begun: string;
  readonly begin: (c: Context<Environment>, secret: string) => Response;
}

/** Leads to the provider, and takes those in that it sends back. */
const addProvider = (
  routes: Hono<Environment>,
  provider: Provider,
  { sessions, begun, begin }: ProviderRoutes,
): void => {
  const notLoggedIn = (c: Context<Environment>, error: unknown) => {
    if (!(error instanceof NotLoggedIn)) throw error;
    return c.html(excuse(error.message), 403);
  };
  routes.get(providerPath, async (c) => {
    if (c.req.method !== "GET" || c.req.header("Sec-Purpose") !== undefined) return c.body(null, 204);
    try {
      const { address, kept } = await provider.begin(c.get("origin"));
      // Not strict: the browser comes back from another site.
      setCookie(c, begun, kept, {
        path: callbackPath,
        httpOnly: true,
        sameSite: "Lax",
        secure: needsTls(c.get("origin")),
        maxAge: logInPatience / 1000,
      });
      return c.redirect(address, 303);
    } catch (error) {
      return notLoggedIn(c, error);
    }
  });
  routes.get(callbackPath, async (c) => {
    const kept = getCookie(c, begun);
    deleteCookie(c, begun, { path: callbackPath, secure: needsTls(c.get("origin")) });
    try {
      const { pathname, search } = new URL(c.req.url);
      const principal = await provider.finish(new URL(`${pathname}${search}`, c.get("origin")), kept);
      const secret = sessions.begin(principal);
      // Whom the installation does not know, or has suspended, learns it here.
      await sessions
        .find(secret)
        ?.connection()
        .catch(async (error: unknown) => {
          await sessions.logOut(secret);
          const reason = error instanceof Error ? error.message : "there is no connection";
          throw new NotLoggedIn(`you are ${principal} here, but cannot connect as ${principal}: ${reason}`);
        });
      return begin(c, secret);
    } catch (error) {
      return notLoggedIn(c, error);
    }
  });
};

/** Says why somebody was not logged in. */
const excuse = (why: string) =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <title>Not logged in · CIM Leaf</title>
        <meta name="viewport" content="width=device-width" />
      </head>
      <body>
        <main>
          <h1>You are not logged in</h1>
          <p>${why}</p>
          <p><a href="${providerPath}">Begin again</a></p>
        </main>
      </body>
    </html>`;

/**
 * Whether another site made the browser come here. Such a link could log somebody in as the person who put it there, who
 * would then see everything that is done.
 */
const isFromElsewhere = (c: Context<Environment>): boolean =>
  ["cross-site", "same-site"].includes(c.req.header("Sec-Fetch-Site") ?? "");

/** Asks whether that person is meant. The link on this page leads here from our own origin. */
const confirmation = (person: string, link: string) =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <title>Log in · CIM Leaf</title>
        <meta name="viewport" content="width=device-width" />
      </head>
      <body>
        <main>
          <h1>Log in as ${person}?</h1>
          <p>Another site has led you here. Go on only if you expected this link.</p>
          <p><a href="/log-in?link=${link}">Log in as ${person}</a></p>
        </main>
      </body>
    </html>`;

const personOf = (c: Context<Environment>) => {
  const { principal, startedAt, endsAt } = c.get("session");
  return { principal, startedAt: new Date(startedAt).toISOString(), endsAt: new Date(endsAt).toISOString() };
};
