import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";

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

/** A file of the page, in memory. */
interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
  readonly immutable: boolean;
}

/** What the page's HTML has in place of the nonce of an answer. */
export const noncePlaceholder = "__CSP_NONCE__";

/** A name with a digest of the content in it, as Vite gives: `assets/index-BZx3Ab9_.js`. */
const hasDigest = (path: string): boolean => /-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/.test(path);

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
    const files = new Map<string, StaticFile>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const path = file.slice(join(folder, "/").length).replaceAll("\\", "/");
      const bytes = new Uint8Array(await readFile(file));
      files.set(`/${path}`, {
        bytes,
        type: types[extname(path)] ?? "application/octet-stream",
        etag: `"${createHash("sha256").update(bytes).digest("base64url")}"`,
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
  answer(
    path: string,
    request: { readonly ifNoneMatch?: string; readonly accept?: string },
    nonce: string,
  ): Response | undefined {
    const isPage = extname(path) === "" && (request.accept ?? "").includes("text/html");
    const file = this.#files.get(path === "/" || (isPage && !this.#files.has(path)) ? "/index.html" : path);
    if (file === undefined) return undefined;
    if (file.type.startsWith("text/html")) return this.#html(file, nonce);
    const headers = {
      ETag: file.etag,
      "Cache-Control": file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
    };
    const known = (request.ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
    if (known.includes(file.etag)) return new Response(null, { status: 304, headers });
    return new Response(file.bytes, { headers: { ...headers, "Content-Type": file.type } });
  }

  /** The HTML has the nonce of its answer in it, so it is never stored. */
  #html({ bytes, type }: StaticFile, nonce: string): Response {
    const text = new TextDecoder().decode(bytes).replaceAll(noncePlaceholder, nonce);
    return new Response(text, { headers: { "Content-Type": type } });
  }
}
