import { expect, test } from "@jest/globals";
import { NotAcknowledged } from "../../../../src/infrastructure/nats/publisher.ts";
import { Storage } from "../../../../src/infrastructure/nats/storage.ts";

test("a server that is silent twice is said not to store, and is tried again by one commit", () => {
  const storage = new Storage(() => "at nats://hub");
  storage.failed(new NotAcknowledged("silence"));
  expect(storage.refusal()).toBeUndefined();
  storage.failed(new NotAcknowledged("silence"));
  expect(storage.refusal()).toContain("the nats-server at nats://hub does not store commits");
  storage.stored();
  expect(storage.refusal()).toBeUndefined();
});

test("while somebody sees what is wrong with the disk, no commit is tried, and none that was under way changes that", () => {
  const storage = new Storage(() => "");
  storage.tell("the store is gone");
  expect([storage.refusal(), storage.refusal()]).toEqual(["the store is gone", "the store is gone"]);
  storage.stored();
  expect(storage.refusal()).toBe("the store is gone");
  storage.tell(undefined);
  expect(storage.refusal()).toBeUndefined();
});
