import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { permits } from "./encodings.ts";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** Encodings that the build has made of a file, the best first, by the ends of their names. */
const encodings = { br: ".br", gzip: ".gz" } as const;
type Encoding = keyof typeof encodings;

/** A file of the page, in memory. */
interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly encoded: ReadonlyArray<readonly [Encoding, Uint8Array<ArrayBuffer>]>;
  readonly type: string;
  readonly etag: string;
  readonly immutable: boolean;
}

/** What the page's HTML has in place of the nonce of an answer. */
export const noncePlaceholder = "__CSP_NONCE__";

/** A name with a digest of the content in it, as Vite gives: `assets/index-BZx3Ab9_.js`. */
const hasDigest = (path: string): boolean => /-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/.test(path);

/** What a request says about the answer that it can use. */
export interface Wanted {
  readonly ifNoneMatch?: string;
  readonly accept?: string;
  readonly acceptEncoding?: string;
}

/**
 * The files of one folder, read once at the start. A request is answered from this list only, so no path of a request
 * ever reaches the file system: neither `..` nor a symbolic link leads out of the folder. Links are left out.
 */
export class StaticFiles {
  readonly #files: ReadonlyMap<string, StaticFile>;

  private constructor(files: ReadonlyMap<string, StaticFile>) {
    this.#files = files;
  }

  /** Reads a folder. Fails if it has no `index.html`. */
  static async read(folder: string): Promise<StaticFiles> {
    const found = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const path = file.slice(join(folder, "/").length).replaceAll("\\", "/");
      found.set(`/${path}`, new Uint8Array(await readFile(file)));
    }
    const files = new Map<string, StaticFile>();
    for (const [path, bytes] of found) {
      if (Object.values(encodings).some((end) => path.endsWith(end) && found.has(path.slice(0, -end.length)))) continue;
      files.set(path, {
        bytes,
        encoded: (Object.keys(encodings) as ReadonlyArray<Encoding>).flatMap((encoding) => {
          const smaller = found.get(`${path}${encodings[encoding]}`);
          return smaller === undefined ? [] : [[encoding, smaller] as const];
        }),
        type: types[extname(path)] ?? "application/octet-stream",
        // Weak: its encodings have other bytes and the same content.
        etag: `W/"${createHash("sha256").update(bytes).digest("base64url")}"`,
        immutable: hasDigest(path),
      });
    }
    if (!files.has("/index.html")) throw new Error(`${folder} has no index.html: it is not a built page`);
    return new StaticFiles(files);
  }

  /**
   * Returns the answer to a GET of a path; undefined if there is no such file. An address of the page itself, which has
   * no file, gets the HTML: the page knows what to show there.
   */
  answer(path: string, request: Wanted, nonce: string): Response | undefined {
    const isPage = extname(path) === "" && (request.accept ?? "").includes("text/html");
    const file = this.#files.get(path === "/" || (isPage && !this.#files.has(path)) ? "/index.html" : path);
    if (file === undefined) return undefined;
    if (file.type.startsWith("text/html")) return this.#html(file, nonce);
    const [encoding, bytes] = file.encoded.find(([name]) => permits(request.acceptEncoding ?? "", name)) ?? [
      undefined,
      file.bytes,
    ];
    const headers = {
      ETag: file.etag,
      "Cache-Control": file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
      ...(file.encoded.length === 0 ? undefined : { Vary: "Accept-Encoding" }),
      ...(encoding === undefined ? undefined : { "Content-Encoding": encoding }),
    };
    const known = (request.ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
    if (known.includes(file.etag.slice("W/".length))) return new Response(null, { status: 304, headers });
    return new Response(bytes, { headers: { ...headers, "Content-Type": file.type } });
  }

  /** The HTML has the nonce of its answer in it, so it is never stored. */
  #html({ bytes, type }: StaticFile, nonce: string): Response {
    const text = new TextDecoder().decode(bytes).replaceAll(noncePlaceholder, nonce);
    return new Response(text, { headers: { "Content-Type": type } });
  }
}
