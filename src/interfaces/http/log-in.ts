import { type Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import { json, refused } from "./answers.ts";
import { cookieName, type Environment, loggedIn, ownScript } from "./guards.ts";
import { needsTls } from "./origins.ts";
import { longestLifetime, type Sessions } from "./sessions.ts";

/** Returns the address that logs a browser in, once. */
export const linkOf = (origin: string, secret: string): string => `${origin}/log-in?link=${secret}`;

/** Logging in by a link, logging out, and who one is. A page needs the prefix to sign the subjects of its commands. */
export const logInRoutes = (sessions: Sessions, port: number, prefix: string): Hono<Environment> => {
  const cookie = cookieName(port);
  const person = loggedIn(sessions, port);
  const change = ownScript({ changes: true });
  const routes = new Hono<Environment>();

  routes.get("/log-in", (c) => {
    // A browser that loads ahead, and a program that looks where a link leads, must not use the link up.
    if (c.req.method !== "GET" || c.req.header("Sec-Purpose") !== undefined) return c.body(null, 204);
    const link = c.req.query("link") ?? "";
    const person = sessions.personOf(link);
    if (person === undefined)
      throw refused(403, "unauthorized", "this link was used already, or is too old: ask for another one", "link-used");
    if (isFromElsewhere(c)) return c.html(confirmation(person, link));
    const secret = sessions.logIn(link) ?? "";
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
  });

  routes.get("/api/session", ownScript({ changes: false }), person, (c) => json({ ok: true, ...personOf(c), prefix }));

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
