import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { redacted } from "../../../../src/infrastructure/nixos/redact.ts";

const word = fc.stringMatching(/^[A-Za-z0-9+/]{12,40}$/);

describe("what programs print", () => {
  test.each<[string, (secret: string) => string]>([
    ["a password in a URL", (secret) => `cannot open postgresql://shop:${secret}@db:5432/shop`],
    ["a variable", (secret) => `DB_PASSWORD=${secret} is wrong`],
    ["a field of JSON", (secret) => `{"user": "shop", "api_key": "${secret}"}`],
    ["a header", (secret) => `> Authorization: Bearer ${secret}`],
    ["an option", (secret) => `mysqldump --password=${secret} shop`],
    ["a key", (secret) => `-----BEGIN OPENSSH PRIVATE KEY----- ${secret} -----END OPENSSH PRIVATE KEY-----`],
    ["a key that is cut off", (secret) => `-----BEGIN PRIVATE KEY----- ${secret}`],
  ])("hides %s", (_, line) => {
    fc.assert(fc.property(word, (secret) => !redacted(line(secret)).includes(secret)));
  });

  test("hides seeds of nkeys and JSON web tokens", () => {
    const seed = `SU${"A".repeat(56)}`;
    expect(redacted(`seed ${seed}.`)).toBe("seed [redacted].");
    expect(redacted("jwt eyJhbGciOi.eyJzdWIiOi.c2ln-_ end")).toBe("jwt [redacted] end");
  });

  test.each([
    "copying path '/nix/store/r0x2xsd8m6781zj97k687f250m380kql-nixos-system-web-26.05' to 'ssh-ng://root@10.0.0.1'...",
    "error: attribute 'password' missing",
    "starting the following units: nftables.service, site.service",
  ])("stays as it is otherwise: %s", (line) => expect(redacted(line)).toBe(line));
});
