import { once } from "node:events";
import { readdir, readFile, statfs } from "node:fs/promises";
import { connect, isIP } from "node:net";
import { join } from "node:path";
import { connect as secure, type TLSSocket } from "node:tls";
import { Option, Schema } from "effect";
import { defined } from "../../../domain/kernel/mod.ts";
import { messageOf } from "../errors.ts";
import type { Facts } from "./facts.ts";

/*
 * What a client of the server cannot see by JetStream: monitoring, the folder of data, certificates, the HTTP port.
 */

const patience = 3_000;

const get = (url: string): Promise<Response> => fetch(url, { signal: AbortSignal.timeout(patience) });

const Monitored = Schema.Struct({
  storage: Schema.optionalKey(Schema.Number),
  config: Schema.optionalKey(
    Schema.Struct({
      sync_always: Schema.optionalKey(Schema.Boolean),
      max_storage: Schema.optionalKey(Schema.Number),
    }),
  ),
});
const decodeMonitored = Schema.decodeUnknownOption(Monitored);
const Healthz = Schema.Struct({ status: Schema.String, error: Schema.optionalKey(Schema.String) });
const decodeHealthz = Schema.decodeUnknownOption(Healthz);

type FromServer = Pick<Facts, "durability" | "serverHealth" | "disks">;

/** Returns what the monitoring port of a nats-server shows. Throws if it does not answer. */
export const monitored = async (url: string): Promise<FromServer> => {
  const base = url.replace(/\/+$/, "");
  const [jsz, healthz] = await Promise.all([get(`${base}/jsz?config=true`), get(`${base}/healthz`)]);
  const { storage = 0, config } = Option.getOrElse(
    decodeMonitored(await jsz.json()),
    () => ({}) as typeof Monitored.Type,
  );
  const { status, error } = Option.getOrElse(decodeHealthz(await healthz.json()), () => ({
    status: `HTTP ${healthz.status}`,
    error: undefined,
  }));
  const total = config?.max_storage ?? 0;
  return {
    durability: { always: config?.sync_always === true, from: url },
    serverHealth: defined({ ok: status === "ok", error }),
    disks: total > 0 ? [{ what: "the server's storage", used: storage, total }] : [],
  };
};

/**
 * Returns what the folder of an embedded server shows, if the server of that folder listens on this port; otherwise
 * nothing.
 */
export const ofFolder = async (store: string, port: number): Promise<FromServer | undefined> => {
  const run = join(store, "server");
  const files = await readdir(run).catch(() => []);
  const texts = await Promise.all(
    files.filter((name) => name.endsWith(".ports")).map((name) => readFile(join(run, name), "utf8").catch(() => "")),
  );
  if (!texts.some((text) => text.includes(`:${port}"`))) return undefined;
  const configuration = await readFile(join(run, "nats-server.conf"), "utf8").catch(() => "");
  const { blocks, bavail, bsize } = await statfs(store);
  return {
    durability: { always: /^\s*sync_interval: always$/m.test(configuration), from: `${run}/nats-server.conf` },
    disks: [{ what: `the disk of ${store}`, used: (blocks - bavail) * bsize, total: blocks * bsize }],
  };
};

const Information = Schema.fromJsonString(Schema.Struct({ version: Schema.String }));
const decodeInformation = Schema.decodeUnknownOption(Information);

/** Returns the version of a nats-server, which it says to whoever connects; undefined if it does not answer. */
export const versionAt = async (host: string, port: number): Promise<string | undefined> => {
  const signal = AbortSignal.timeout(patience);
  const socket = connect({ host, port });
  try {
    let said = "";
    while (!said.includes("\r\n")) {
      const [part] = await once(socket, "data", { signal });
      said += String(part);
    }
    const [, text = ""] = /^INFO (.*?)\s*\r\n/.exec(said) ?? [];
    return Option.getOrUndefined(decodeInformation(text))?.version;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
};

const expiryOf = (socket: TLSSocket): string | undefined => {
  const { valid_to } = socket.getPeerCertificate();
  return valid_to === undefined ? undefined : new Date(valid_to).toISOString();
};

/**
 * Returns until when the certificate of a server is valid, whoever has signed it. A nats-server sends a line of its own
 * before TLS begins.
 */
export const certificateOf = async (host: string, port: number, nats: boolean): Promise<string | undefined> => {
  const signal = AbortSignal.timeout(patience);
  const plain = connect({ host, port });
  try {
    await once(plain, nats ? "data" : "connect", { signal });
    const socket = secure({
      socket: plain,
      rejectUnauthorized: false,
      ...defined({ servername: isIP(host) === 0 ? host : undefined }),
    });
    await once(socket, "secureConnect", { signal });
    return expiryOf(socket);
  } catch {
    return undefined;
  } finally {
    plain.destroy();
  }
};

const Claims = Schema.fromJsonString(Schema.Struct({ exp: Schema.optionalKey(Schema.Number) }));
const decodeClaims = Schema.decodeUnknownOption(Claims);

/** Returns until when the credentials in a `.creds` file are valid; undefined if they do not expire. */
export const credentialsUntil = (credentials: string): string | undefined => {
  const [, payload = ""] = /BEGIN NATS USER JWT-+\s+[\w-]+\.([\w-]+)\./.exec(credentials) ?? [];
  const claims = Option.getOrUndefined(decodeClaims(Buffer.from(payload, "base64url").toString("utf8")));
  return claims?.exp === undefined || claims.exp === 0 ? undefined : new Date(claims.exp * 1000).toISOString();
};

const Readiness = Schema.Struct({ ready: Schema.Boolean, reasons: Schema.Array(Schema.String) });
const decodeReadiness = Schema.decodeUnknownOption(Readiness);

/** Asks the HTTP port whether it is ready. */
export const consoleAt = async (url: string, asked: boolean): Promise<Facts["console"]> => {
  try {
    const answer = await get(`${url.replace(/\/+$/, "")}/readyz`);
    const readiness = Option.getOrUndefined(decodeReadiness(await answer.json()));
    if (readiness === undefined) return { url, asked, problem: `it answered ${answer.status}, and not as a console` };
    return { url, asked, ready: readiness.ready, problem: readiness.reasons.join("; ") };
  } catch (error) {
    return { url, asked, problem: messageOf(error) };
  }
};
