import { expect, test } from "@jest/globals";
import { accessTo } from "../../../../src/interfaces/cli/connection.ts";

test.each([
  ["nats://a:1", { servers: ["nats://a:1"] }],
  ["a:1,b:2", { servers: ["a:1", "b:2"] }],
  ["nats://tok@a", { servers: ["nats://a"], token: "tok" }],
  // A comma in a password is none between servers.
  ["nats://u:p,w@a:1,nats://b:2", { servers: ["nats://a:1", "nats://b:2"], user: "u", password: "p,w" }],
])("%s names servers, and a log-in that holds for all", async (urls, access) => {
  expect(await accessTo(urls, {})).toEqual(access);
});
