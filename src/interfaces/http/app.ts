import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import { defined } from "../../domain/kernel/mod.ts";
import { json, Refused, refused, refusing } from "./answers.ts";
import { encoded } from "./encodings.ts";
import { type Environment, everyRequest, loggedIn, ownScript } from "./guards.ts";
import type { Health } from "./health.ts";
import { logInRoutes } from "./log-in.ts";
import { count, metricsText, type Open } from "./metrics.ts";
import type { Origins } from "./origins.ts";
import type { Provider } from "./provider.ts";
import { forwardArrangement, forwardCommand, forwardDraft, forwardQuery, readBody } from "./requests.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { StaticFiles } from "./static-files.ts";
import { placeOf } from "./stream/place.ts";
import { selectionOf } from "./stream/selection.ts";
import { serveTab } from "./stream/tab.ts";

export interface AppOptions {
  readonly sessions: Sessions;
  readonly health: Health;
  readonly origins: Origins;
  readonly port: number;
  /** The installation's prefix of all subjects. */
  readonly prefix: string;
  /** The built page, if there is one. */
  readonly page: StaticFiles | undefined;
  /** The OpenID provider that people may log in by, if there is one. */
  readonly provider: Provider | undefined;
  readonly open: () => Open;
}

/** Requests of one person that are worked on at once. A browser sends six. */
const mostAtOnce = 16;
/** Event streams of one person, far fewer than the connections that may be open: others need some too. */
const mostTabs = 64;

/** Everything that the port answers, by address. */
export const makeApp = (options: AppOptions): Hono<Environment> => {
  const { sessions, health, page } = options;
  const person = loggedIn(sessions, options.port);
  const change = ownScript({ changes: true });
  const app = new Hono<Environment>();
  app.onError((error) =>
    refusing(
      error instanceof Refused ? error : refused(500, "unavailable", "a fault in the console server: try again"),
    ),
  );
  app.use(everyRequest(options.origins));

  app.use("/api/*", async (c, next) => {
    await next();
    const answer = await encoded(c.res, c.req.header("Accept-Encoding") ?? "");
    if (answer !== c.res) c.res = answer;
  });

  app.get("/healthz", () => json({ ok: true }));
  app.get("/readyz", async () => {
    const condition = await health.condition();
    const ready = condition.reasons.length === 0;
    return json({ ready, ...condition }, ready ? 200 : 503);
  });
  app.get("/metrics", async () => {
    const text = await metricsText(health, options.open());
    return new Response(text, { headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" } });
  });

  app.route("/", logInRoutes(options));
  app.post("/api/command/:aggregate/:id/:command", change, person, (c) => {
    const { aggregate, id, command } = c.req.param();
    return forwarded(c, sessions, (client, request) => forwardCommand(client, { aggregate, id, command }, request));
  });
  app.post("/api/query/:view/:operation", change, person, (c) => {
    const { view, operation } = c.req.param();
    const { answers } = c.get("session");
    return forwarded(c, sessions, (client, request) => forwardQuery(client, { view, operation }, request, answers));
  });
  app.post("/api/draft/:draft", change, person, (c) => {
    const draft = c.req.param("draft");
    if (!c.get("session").mayTalk(Number(c.req.header("Content-Length") ?? 0)))
      throw new Refused(
        429,
        { code: "unavailable", message: "too many messages about drafts: wait" },
        { "Retry-After": "1" },
      );
    return forwarded(c, sessions, (client, request) => forwardDraft(client, draft, request));
  });
  app.post("/api/arrangement/:graph", change, person, (c) => {
    const graph = c.req.param("graph");
    return forwarded(c, sessions, (client, request) => forwardArrangement(client, graph, request));
  });
  app.get("/api/stream", ownScript({ changes: false }), person, (c) => stream(c, sessions));

  for (const path of [
    "/api/command/:aggregate/:id/:command",
    "/api/query/:view/:operation",
    "/api/draft/:draft",
    "/api/arrangement/:graph",
    "/api/log-out",
    "/api/link",
  ])
    app.all(path, wrongMethod("POST"));
  for (const path of ["/api/session", "/api/log-in", "/api/stream", "/log-in", "/healthz", "/readyz", "/metrics"])
    app.all(path, wrongMethod("GET"));
  app.all("*", (c) => {
    if (c.req.method !== "GET") throw nothingHere();
    const request = defined({
      ifNoneMatch: c.req.header("If-None-Match"),
      accept: c.req.header("Accept"),
      acceptEncoding: c.req.header("Accept-Encoding"),
    });
    const answer = c.req.path.startsWith("/api/") ? undefined : page?.answer(c.req.path, request, c.get("nonce"));
    if (answer === undefined) throw nothingHere();
    return answer;
  });
  return app;
};

const nothingHere = () => refused(404, "unknown-command", "there is nothing at this address");

const wrongMethod = (allowed: "GET" | "POST") => () => {
  const message = `this address takes ${allowed} only`;
  throw new Refused(405, { code: "unknown-command", message }, { Allow: allowed });
};

/** Returns the person's own connection, and the streams that the person's tabs share. */
const connectionOf = async (session: Session) => {
  try {
    return await session.connection();
  } catch (error) {
    throw refused(503, "unavailable", error instanceof Error ? error.message : "there is no connection");
  }
};

type Forward = (
  client: Parameters<typeof forwardCommand>[0],
  request: Parameters<typeof forwardCommand>[2],
) => Promise<Response>;

/** Forwards a request through the person's own connection. Bounds what is under way for one person. */
const forwarded = async (c: Context<Environment>, sessions: Sessions, forward: Forward): Promise<Response> => {
  if (!/^application\/json(?:;|$)/i.test(c.req.header("Content-Type") ?? ""))
    throw refused(415, "invalid-command", "the body must be JSON: send `Content-Type: application/json`");
  const session = c.get("session");
  if (sessions.workOf(session.principal).busy >= mostAtOnce)
    throw new Refused(
      429,
      { code: "unavailable", message: `${mostAtOnce} requests are under way: wait` },
      { "Retry-After": "1" },
    );
  session.busy += 1;
  try {
    const body = await readBody(c.env.incoming);
    const { client } = await connectionOf(session);
    return await forward(client, { body, header: (name) => c.req.header(name) });
  } finally {
    session.busy -= 1;
  }
};

/** `GET /api/stream`: written to Node's response itself, because only that says how much waits for the reader. */
const stream = async (c: Context<Environment>, sessions: Sessions): Promise<Response> => {
  const session = c.get("session");
  if (c.req.method !== "GET") return wrongMethod("GET")();
  if (sessions.workOf(session.principal).tabs >= mostTabs)
    throw refused(429, "unavailable", `${mostTabs} event streams are open: close some tabs`);
  const { client, streams } = await connectionOf(session);
  const selection = selectionOf(client.names, c.req.queries("follow") ?? []);
  const given = c.req.header("Last-Event-ID") ?? c.req.query("after");
  const from = given === undefined ? undefined : placeOf(given);
  if (given !== undefined && from === undefined)
    throw refused(400, "invalid-command", "this is not the id of a frame of this stream: begin without it");

  const { outgoing } = c.env;
  const end = new AbortController();
  const stop = () => end.abort();
  outgoing.once("close", stop);
  session.ended.addEventListener("abort", stop, { once: true });
  session.tabs += 1;
  // Proxies must pass each frame on at once.
  outgoing.writeHead(200, { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
  const { signal } = end;
  const { principal } = session;
  void serveTab({ streams, principal, selection, from, sink: outgoing, signal, onCut: () => count("cutOff") })
    .catch(() => undefined)
    .finally(() => {
      session.tabs -= 1;
      session.ended.removeEventListener("abort", stop);
      outgoing.end();
    });
  return RESPONSE_ALREADY_SENT;
};
