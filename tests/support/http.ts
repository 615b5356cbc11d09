import { type IncomingMessage, request } from "node:http";

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  /** The text as JSON. */
  readonly json: { readonly [field: string]: unknown };
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

const jsonOf = (text: string) => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

/** Sends a request with exactly these headers, as no browser would let a page do. */
export const ask = (port: number, path: string, { method = "GET", headers = {}, body }: Asked = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path, method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: jsonOf(text) }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });

/** A frame of an event stream. */
export interface Frame {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly [field: string]: unknown };
}

/** An event stream that is being read. */
export interface Reading {
  /** All frames so far. */
  readonly frames: ReadonlyArray<Frame>;
  /** Resolves with the first frame that fits, also one that has come already. */
  readonly frame: (fits: (frame: Frame) => boolean) => Promise<Frame>;
  /** Resolves when the server has ended the connection or cut it off. */
  readonly ended: Promise<void>;
  /** Takes nothing any more, as a browser whose page hangs. */
  readonly hang: () => void;
  readonly resume: () => void;
  readonly close: () => void;
}

const frameOf = (text: string): Frame => {
  const fields: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const [, name = "", value = ""] = /^(\w*): ?(.*)$/.exec(line) ?? [];
    fields[name] = name === "data" && fields.data !== undefined ? `${fields.data}\n${value}` : value;
  }
  return { id: fields.id ?? "", event: fields.event ?? "", data: jsonOf(fields.data ?? "") };
};

/** Opens an event stream. Fails if the answer is not one. */
export const openStream = (port: number, path: string, headers: Readonly<Record<string, string>>): Promise<Reading> =>
  new Promise((resolve, reject) => {
    const frames: Array<Frame> = [];
    const waiting = new Set<() => void>();
    const sent = request({ port, host: "127.0.0.1", path, headers, agent: false }, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        return reject(new Error(`the stream was answered with ${response.statusCode}`));
      }
      let rest = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        const parts = `${rest}${chunk}`.split("\n\n");
        rest = parts.pop() ?? "";
        frames.push(...parts.map(frameOf));
        for (const look of [...waiting]) look();
      });
      const ended = new Promise<void>((end) => {
        response.on("close", end);
        response.on("error", () => end());
      });
      resolve({
        frames,
        ended,
        hang: () => response.pause(),
        resume: () => response.resume(),
        close: () => sent.destroy(),
        frame: (fits) =>
          new Promise((found) => {
            const look = () => {
              const frame = frames.find(fits);
              if (frame === undefined) return;
              waiting.delete(look);
              found(frame);
            };
            waiting.add(look);
            look();
          }),
      });
    });
    sent.on("error", reject);
    sent.end();
  });

/** A browser that is logged in, and a page of ours in it. */
export interface Browser {
  readonly cookie: string;
  /** The headers of a script of our own page. */
  readonly headers: Readonly<Record<string, string>>;
  readonly get: (path: string) => Promise<Answer>;
  readonly post: (path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly stream: (follow: string, headers?: Readonly<Record<string, string>>) => Promise<Reading>;
}

/** Logs in by a link. */
export const logIn = async (link: string): Promise<Browser> => {
  const { origin, port, pathname, search } = new URL(link);
  const answer = await ask(Number(port), `${pathname}${search}`);
  const [set = ""] = answer.headers["set-cookie"] ?? [];
  const [cookie = ""] = set.split(";");
  if (answer.status !== 303 || cookie === "") throw new Error(`the link was answered with ${answer.status}`);
  const headers = { Cookie: cookie, Origin: origin, "Cim-Console": "1", "Sec-Fetch-Site": "same-origin" };
  return {
    cookie,
    headers,
    get: (path) => ask(Number(port), path, { headers: { Cookie: cookie } }),
    post: (path, body = {}, more = {}) =>
      ask(Number(port), path, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json", ...more },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    stream: (follow, more = {}) =>
      openStream(Number(port), `/api/stream?follow=${encodeURIComponent(follow)}`, { Cookie: cookie, ...more }),
  };
};
