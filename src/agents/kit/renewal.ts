import type { NatsConnection } from "@nats-io/transport-node";
import { identityIn, RenewalReply, renewalDue, withJwt } from "../../contract/credentials.ts";
import type { Names } from "../../contract/names.ts";
import { reader } from "./json.ts";
import { ask } from "./request.ts";

/** Milliseconds that a backend has for its answer. */
const patience = 3_000;
/** The most milliseconds after which a renewal that failed is tried again; and the longest time that is slept at once. */
const longestPause = 600_000;
const longestSleep = 24 * 3_600_000;

const readReply = reader(RenewalReply, "the reply to a renewal");

/** Whether credentials are those of a peer, and half of their time is over. */
export const isDue = (credentials: string, now = Date.now()): boolean => {
  const identity = identityIn(credentials);
  const due = identity?.isPeer === true ? renewalDue(identity) : undefined;
  return due !== undefined && due <= now;
};

/** Asks for credentials that end later. Returns the text of the file. */
export const renewed = async (
  nats: NatsConnection,
  { subjects }: Pick<Names, "subjects">,
  credentials: string,
): Promise<string> => {
  const subject = subjects.renewal(identityIn(credentials)?.name ?? "");
  const reply = await ask(nats, { subject, payload: "{}", patienceMs: patience, timeoutMs: patience });
  return withJwt(credentials, readReply(reply).jwt);
};

/**
 * Keeps credentials alive while a connection is: asks for new ones whenever half of their time is over, and hands them to
 * `take`. The server ends the connection when the old ones end, and the client makes it again with those of then.
 */
export const keepRenewed = (
  nats: NatsConnection,
  known: Pick<Names, "subjects">,
  credentials: string,
  take: (credentials: string) => void,
): void => {
  let current = credentials;
  let timer: NodeJS.Timeout | undefined;
  const sleep = (milliseconds: number) => {
    timer = setTimeout(look, Math.min(milliseconds, longestSleep)).unref();
  };
  const look = async () => {
    const identity = identityIn(current);
    const due = identity === undefined ? undefined : renewalDue(identity);
    if (due === undefined || nats.isClosed()) return;
    if (due > Date.now()) return sleep(due - Date.now());
    // The nearer the end, the sooner again.
    const pause = Math.max(1_000, Math.min(longestPause, ((identity?.endsAt ?? 0) - Date.now()) / 4));
    try {
      const next = await renewed(nats, known, current);
      const isNewer = next !== current;
      current = next;
      if (isNewer) take(next);
      // A backend that has signed nothing new is asked again later.
      sleep(isNewer ? 0 : pause);
    } catch {
      sleep(pause);
    }
  };
  sleep(0);
  void nats.closed().then(() => clearTimeout(timer));
};
