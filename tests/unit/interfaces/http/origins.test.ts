import { describe, expect, test } from "@jest/globals";
import { foreignScript, needsTls, originOfHost, originsOf } from "../../../../src/interfaces/http/origins.ts";

describe("the names by which the port is reached", () => {
  const origins = originsOf("127.0.0.1", 7422, []);

  test.each(["127.0.0.1:7422", "localhost:7422", "LOCALHOST:7422", "[::1]:7422"])("%s is ours", (host) => {
    expect(originOfHost(origins, host)).toBe(`http://${host.toLowerCase()}`);
  });

  test.each([
    undefined,
    "",
    "evil.example",
    "evil.example:7422",
    "127.0.0.1",
    "127.0.0.1:7423",
    "127.0.0.1:7422.evil.example",
    "evil.example@127.0.0.1:7422",
    "127.0.0.1:7422, evil.example",
  ])("%s is not", (host) => {
    expect(originOfHost(origins, host)).toBeUndefined();
  });

  test("include the origins that were given, first", () => {
    const given = originsOf("0.0.0.0", 80, ["https://cim.example.org"]);
    expect([...given.values()][0]).toBe("https://cim.example.org");
    expect(originOfHost(given, "cim.example.org")).toBe("https://cim.example.org");
    expect(originOfHost(given, "127.0.0.1")).toBe("http://127.0.0.1");
    expect(originOfHost(given, "0.0.0.0")).toBeUndefined();
  });

  test("include the address that is listened at", () => {
    expect(originOfHost(originsOf("10.0.0.7", 7422, []), "10.0.0.7:7422")).toBe("http://10.0.0.7:7422");
    expect(originOfHost(originsOf("fd00::7", 7422, []), "[fd00::7]:7422")).toBe("http://[fd00::7]:7422");
  });

  test("cookies travel over TLS only, but on loopback", () => {
    expect(["http://127.0.0.1:7422", "http://localhost:7422", "http://[::1]:7422"].map(needsTls)).toEqual([
      false,
      false,
      false,
    ]);
    expect(["https://cim.example.org", "http://10.0.0.7:7422", "https://localhost"].map(needsTls)).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe("where a request comes from", () => {
  const own = "http://127.0.0.1:7422";
  const ours = (origin: string | undefined, fetchSite: string | undefined, needsOrigin: boolean) =>
    foreignScript(own, { origin, fetchSite }, needsOrigin) === undefined;

  test("our own page may ask, also from a browser without Sec-Fetch-Site", () => {
    expect(ours(own, "same-origin", true)).toBe(true);
    expect(ours(own, undefined, true)).toBe(true);
    expect(ours(undefined, "same-origin", false)).toBe(true);
  });

  test.each([
    [undefined, "same-origin"],
    ["null", "same-origin"],
    ["http://localhost:7422", "same-site"],
    ["http://127.0.0.1:8080", "same-site"],
    ["https://127.0.0.1:7422", "same-origin"],
    ["https://evil.example", "cross-site"],
    [own, "cross-site"],
    [own, "same-site"],
    [own, "none"],
  ])("a change from Origin %s with Sec-Fetch-Site %s is refused", (origin, fetchSite) => {
    expect(ours(origin, fetchSite, true)).toBe(false);
  });
});
