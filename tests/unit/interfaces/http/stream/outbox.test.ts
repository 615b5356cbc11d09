import { EventEmitter } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { mostStalled, mostWaiting, Outbox } from "../../../../../src/interfaces/http/stream/outbox.ts";

/** A reader that takes what it is made to take. */
class Reader extends EventEmitter {
  writableLength = 0;
  destroyed = false;
  taken = 0;
  write(text: string): boolean {
    this.writableLength += text.length;
    return false;
  }
  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
  take(): void {
    this.taken += this.writableLength;
    this.writableLength = 0;
    this.emit("drain");
  }
}

const made = () => {
  const reader = new Reader();
  const clock = { now: 0 };
  let cut = 0;
  const outbox = new Outbox(
    reader,
    () => {
      cut += 1;
    },
    () => clock.now,
  );
  return { reader, clock, outbox, cuts: () => cut };
};

describe("what waits for a reader", () => {
  test("is bounded: one that takes nothing is cut off, once", () => {
    const { reader, outbox, cuts } = made();
    const text = "x".repeat(1024 * 1024);
    for (let sent = 0; sent < 10; sent++) outbox.send(text);
    expect(reader.destroyed).toBe(true);
    expect(cuts()).toBe(1);
    expect(reader.writableLength).toBeLessThanOrEqual(mostWaiting + text.length);
  });

  test("may be one frame that is larger than the bound", () => {
    const { reader, outbox } = made();
    outbox.send("x".repeat(2 * mostWaiting));
    expect(reader.destroyed).toBe(false);
    reader.take();
    outbox.send("x");
    expect(reader.destroyed).toBe(false);
  });

  test("is not for ever: one that takes nothing for too long is cut off although little waits", () => {
    const { reader, clock, outbox } = made();
    clock.now = 10 * mostStalled;
    outbox.send("x");
    outbox.check();
    expect(reader.destroyed).toBe(false);
    clock.now += mostStalled;
    outbox.check();
    expect(reader.destroyed).toBe(false);
    clock.now += 1;
    outbox.check();
    expect(reader.destroyed).toBe(true);
  });

  test("holds up the one that catches up, until it was taken or the reader has gone", async () => {
    const { reader, outbox } = made();
    outbox.send("x".repeat(100_000));
    let resumed = false;
    const room = outbox.room().then(() => {
      resumed = true;
    });
    await Promise.resolve();
    expect(resumed).toBe(false);
    reader.take();
    await room;
    outbox.send("x".repeat(100_000));
    const other = outbox.room();
    reader.destroy();
    await other;
    await outbox.room();
  });
});
