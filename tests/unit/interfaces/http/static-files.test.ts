import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { noncePlaceholder, StaticFiles, type Wanted } from "../../../../src/interfaces/http/static-files.ts";

let folder = "";
let files: StaticFiles;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-page-"));
  await mkdir(join(folder, "page/assets"), { recursive: true });
  await writeFile(join(folder, "secret.txt"), "secret");
  await writeFile(join(folder, "page/index.html"), `<style nonce="${noncePlaceholder}"></style>`);
  await writeFile(join(folder, "page/assets/index-BZx3Ab9_.js"), "export {};");
  await writeFile(join(folder, "page/icon.svg"), "<svg/>");
  await writeFile(join(folder, "page/icon.svg.br"), "br");
  await writeFile(join(folder, "page/icon.svg.gz"), "gz");
  await symlink(join(folder, "secret.txt"), join(folder, "page/link.txt"));
  await symlink(folder, join(folder, "page/up"));
  files = await StaticFiles.read(join(folder, "page"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const get = (path: string, request: Wanted = {}) => files.answer(path, request, "N0nce");

describe("the files of the page", () => {
  test("those with a digest in their name never change, the others are asked for again", async () => {
    const script = get("/assets/index-BZx3Ab9_.js");
    expect(script?.headers.get("Cache-Control")).toBe("public, max-age=31536000, immutable");
    expect(script?.headers.get("Content-Type")).toBe("text/javascript; charset=utf-8");
    expect(await script?.text()).toBe("export {};");
    expect(get("/icon.svg")?.headers.get("Cache-Control")).toBe("no-cache");
  });

  test("a file that the browser has is not sent again", () => {
    const etag = get("/icon.svg")?.headers.get("ETag") ?? "";
    expect(get("/icon.svg", { ifNoneMatch: `"other", ${etag}` })?.status).toBe(304);
    expect(get("/icon.svg", { ifNoneMatch: '"other"' })?.status).toBe(200);
  });

  test.each([
    [undefined, undefined, "<svg/>"],
    ["gzip, deflate, br", "br", "br"],
    ["gzip", "gzip", "gz"],
    ["br;q=0, gzip;q=0.5", "gzip", "gz"],
    ["identity", undefined, "<svg/>"],
    ["brx", undefined, "<svg/>"],
  ])("for Accept-Encoding %s, what the build has made smaller: %s", async (acceptEncoding, encoding, text) => {
    const answer = get("/icon.svg", acceptEncoding === undefined ? {} : { acceptEncoding });
    expect([answer?.headers.get("Content-Encoding") ?? undefined, await answer?.text()]).toEqual([encoding, text]);
    expect([answer?.headers.get("Vary"), answer?.headers.get("Content-Type")]).toEqual([
      "Accept-Encoding",
      "image/svg+xml",
    ]);
    expect(get("/assets/index-BZx3Ab9_.js", { acceptEncoding: "br" })?.headers.get("Content-Encoding")).toBeNull();
  });

  test("the HTML has the nonce of its answer, and is what every address of the page shows", async () => {
    for (const path of ["/", "/graphs/web-shop", "/deployments"]) {
      const page = get(path, { accept: "text/html,*/*" });
      expect(await page?.text()).toBe('<style nonce="N0nce"></style>');
      expect(page?.headers.get("ETag")).toBeNull();
    }
    expect(get("/graphs/web-shop", { accept: "application/json" })).toBeUndefined();
    expect(get("/missing.js", { accept: "text/html" })).toBeUndefined();
  });

  test.each([
    "/../secret.txt",
    "/assets/../../secret.txt",
    "//secret.txt",
    "/..%2fsecret.txt",
    "/link.txt",
    "/up/secret.txt",
    "/assets",
    "/icon.svg.gz",
    "/constructor",
  ])("nothing else: %s", (path) => {
    expect(get(path)).toBeUndefined();
  });

  test("a folder that is not a page is refused", async () => {
    await expect(StaticFiles.read(join(folder, "page/assets"))).rejects.toThrow("has no index.html");
  });
});
