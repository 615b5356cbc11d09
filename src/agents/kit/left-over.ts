import type { ConsumerInfo } from "@nats-io/jetstream";

/** Milliseconds beyond the server's patience in which what an earlier process held must have come again. */
const grace = 2_000;

/** What an earlier process of the agent was given and did not acknowledge: the server gives it again, but late. */
export interface LeftOver {
  /** Whether a message, by its sequence, is of that time. */
  readonly holds: (sequence: number) => boolean;
  /** To be called when such a message has been handled. */
  readonly done: () => void;
  /** Resolves when all of them have been, or do not come any more: what is newer waits for that to keep its order. */
  readonly over: Promise<void>;
}

/** What is left over when an agent begins to read its inbox. `acknowledgeWithin` in milliseconds. */
export const leftOver = (
  { num_ack_pending: count, delivered }: Pick<ConsumerInfo, "num_ack_pending" | "delivered">,
  acknowledgeWithin: number,
): LeftOver => {
  if (count === 0) return { holds: () => false, done: () => {}, over: Promise.resolve() };
  let left = count;
  let end: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const patience = setTimeout(end, acknowledgeWithin + grace);
  patience.unref();
  return {
    holds: (sequence) => sequence <= delivered.stream_seq,
    done: () => {
      left -= 1;
      if (left > 0) return;
      clearTimeout(patience);
      end();
    },
    over,
  };
};
