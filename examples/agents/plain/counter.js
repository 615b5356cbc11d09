// An agent that counts words, with nothing but the NATS contract (docs/contract.md) and the client `nats@2`:
//   npm install && npm start
// Then give it something to do:
//   cim tasks submit count-1 --type count --required-capabilities count-words --payload '{"text": "one two three"}'
// In a closed installation CIM_CREDENTIALS and CIM_CA name the two files that it was given (docs/security.md).
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, credsAuthenticator, headers } from "nats";

const id = "counter";
const prefix = process.env.CIM_PREFIX ?? "cim";
const instance = randomUUID();
const { CIM_NATS: servers = "nats://127.0.0.1:4222", CIM_CREDENTIALS: credentials, CIM_CA: ca } = process.env;
const isClosed = credentials !== undefined;

/** A closed server shows its certificate, takes no one else's inbox, and has the streams in another account. */
const closed = isClosed && {
  // Read at each connection, so that a newer file counts.
  authenticator: (nonce) => credsAuthenticator(readFileSync(credentials))(nonce),
  tls: ca === undefined ? {} : { ca: readFileSync(ca, "utf8") },
  inboxPrefix: `_INBOX_${id}`,
};
const jetstreamOptions = isClosed ? { apiPrefix: `${prefix}.js` } : {};

const nc = await connect({ servers, maxReconnectAttempts: -1, ...closed });

/** Gives a command until it is answered: under the same id it is applied once, however often it is sent. */
const command = async (aggregate, aggregateId, name, payload, commandId = randomUUID()) => {
  const hdrs = headers();
  hdrs.set("Cim-Command-Id", commandId);
  for (;;) {
    let reply;
    try {
      const subject = `${prefix}.cmd.${id}.${aggregate}.${aggregateId}.${name}`;
      reply = (await nc.request(subject, JSON.stringify(payload), { timeout: 2_000, headers: hdrs })).json();
    } catch {
      // No backend, or no answer: try again.
    }
    if (reply?.ok) return reply;
    if (reply !== undefined && !["unavailable", "timeout"].includes(reply.error.code)) {
      throw Object.assign(new Error(reply.error.message), reply.error);
    }
    await sleep(500);
  }
};

const onTask = async ({ kind, task }) => {
  if (kind !== "assigned") return;
  const give = (name, payload) => command("task", task.id, name, payload, `${id}.${task.id}.${task.attempt}.${name}`);
  await give("acknowledge", {});
  await give("start", {});
  const text = task.payload?.text;
  if (typeof text !== "string") await give("fail", { reason: "no-text" });
  else await give("complete", { result: { words: text.split(/\s+/).filter((word) => word !== "").length } });
};

const onTurn = async ({ deliveryId, kind, dialog, speaker, text, handOff }) => {
  if (kind === "hand-off") {
    const answer = { handOff, reason: "I only count." };
    await command("dialog", dialog.id, "decline-hand-off", answer, `${id}.${deliveryId}`);
  }
  // What became of a hand-off or a turn of our own is for those who want to know.
  if (kind !== "said") return;
  const words = text.split(/\s+/).filter((word) => word !== "").length;
  await command("dialog", dialog.id, "say", { text: `${words} words`, to: speaker }, `${id}.${deliveryId}`);
};

const onProposal = async ({ proposal }) => {
  const ballot = { choice: "abstain", reason: "I only count." };
  await command("proposal", proposal.id, "vote", ballot, `${id}.vote-${proposal.id}`);
};

const handlers = { task: onTask, turn: onTurn, proposal: onProposal };

/** Another process that registers under our id replaces us; the events of the feed are plain messages too. */
let registration = Number.POSITIVE_INFINITY;
nc.subscribe(`${prefix}.feed.agent.agent-registered.*.${id}`, {
  callback: (_, message) => {
    const successor = message.json().instance;
    const isLater = Number(message.headers?.get("ce-aggregateversion")) > registration;
    if (isLater && successor !== undefined && successor !== instance) process.exit(1);
  },
});
registration = (await command("agent", id, "register", { capabilities: ["count-words"], instance })).version;

const beat = () => nc.publish(`${prefix}.hb.${id}`, JSON.stringify({ instance, activeTasks: 0 }));
beat();
setInterval(beat, 10_000);

/** The backend makes our durable consumer when it sees that we are registered. */
const inbox = async () => {
  for (;;) {
    try {
      return await nc.jetstream(jetstreamOptions).consumers.get(`${prefix.toUpperCase()}_INBOX`, `agent-${id}`);
    } catch {
      await sleep(200);
    }
  }
};

const messages = await (await inbox()).consume();
console.log("counter is at work");
process.once("SIGINT", async () => {
  messages.stop();
  // No backend to say goodbye to: it will miss our heartbeats.
  setTimeout(() => process.exit(0), 5_000).unref();
  await command("agent", id, "deregister", { instance });
  await nc.drain();
  process.exit(0);
});

/** A delivery may come twice: what was done is not done again, and every command has an id that follows from it. */
const done = new Set();
for await (const message of messages) {
  const delivery = message.json();
  try {
    if (!done.has(delivery.deliveryId)) await handlers[message.subject.split(".").at(-1)]?.(delivery);
    done.add(delivery.deliveryId);
    message.ack();
  } catch (error) {
    console.error(`${message.subject}: ${error.message}`);
    // A refusal will not change its mind; anything else may go better next time.
    if (error.code === undefined) message.nak(1_000);
    else message.term();
  }
}
