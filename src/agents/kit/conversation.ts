import type { Msg } from "@nats-io/nats-core";
import type { Client } from "./client.ts";
import { deferred } from "./deferred.ts";
import { isObject, type Json, jsonOf } from "./json.ts";
import { transcriptPages } from "./pages.ts";

/** Milliseconds between two signs of life: callers give up after a minute without one. */
const signOfLifeEvery = 20_000;

/** One prompt: its dialog, and the stream of the answer. */
export class Conversation {
  readonly #client: Client;
  readonly #agent: string;
  readonly #dialog: string;
  readonly #request: Msg;
  readonly #failed = new AbortController();
  readonly #done = deferred();
  readonly #subscription: { unsubscribe(): void };
  readonly #signsOfLife: NodeJS.Timeout;
  #streamed = 0;

  constructor(client: Client, agent: string, dialog: string, request: Msg, log: (message: string) => void) {
    this.#client = client;
    this.#agent = agent;
    this.#dialog = dialog;
    this.#request = request;
    const turns = client.names.subjects.feedOf({ aggregate: "dialog", event: "turn-said", id: dialog });
    // Whoever fails it may be before whoever waits.
    this.#done.promise.catch(() => undefined);
    this.#subscription = client.nats.subscribe(turns, {
      callback: (_, message) => {
        const said = jsonOf(message);
        if (said === undefined) log(`a message on ${message.subject} is no JSON: left out`);
        else this.#stream(said);
      },
    });
    this.#signsOfLife = setInterval(() => this.#chunk("status", "working"), signOfLifeEvery);
  }

  get answered(): Promise<void> {
    return this.#done.promise;
  }

  /** Aborts when it fails. */
  get signal(): AbortSignal {
    return this.#failed.signal;
  }

  acknowledge(): void {
    this.#chunk("status", "ack");
  }

  /** The agent has done what it does with the turn: closes the dialog, and streams what the feed has not told yet. */
  async end(): Promise<void> {
    try {
      const { position } = await this.#client.command("dialog", this.#dialog, "close", { reason: "answered" });
      await this.#streamTranscript(position);
      this.#done.resolve();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    this.#failed.abort(error);
    this.#done.reject(error);
  }

  release(): void {
    clearInterval(this.#signsOfLife);
    this.#subscription.unsubscribe();
  }

  async #streamTranscript(minPosition: number): Promise<void> {
    for await (const { entries } of transcriptPages(this.#client, { id: this.#dialog, from: 1 }, { minPosition }))
      for (const entry of Array.isArray(entries) ? entries : [])
        if (isObject(entry) && entry.event === "turn-said") this.#stream(entry.data);
  }

  #stream(said: Json | undefined): void {
    if (!isObject(said) || said.speaker !== this.#agent || typeof said.turn !== "number") return;
    if (said.turn <= this.#streamed) return;
    this.#streamed = said.turn;
    this.#chunk("response", String(said.text));
  }

  #chunk(type: "status" | "response", data: string): void {
    if (!this.#client.nats.isClosed()) this.#request.respond(JSON.stringify({ type, data }));
  }
}
