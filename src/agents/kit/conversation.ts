import type { Msg } from "@nats-io/nats-core";
import type { Client } from "./client.ts";
import { isObject, type Json, jsonOf } from "./json.ts";
import { pages } from "./view.ts";
import { deferred } from "./waiting.ts";

/** Milliseconds between two signs of life. Callers give up after a minute without one. */
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
    // It may fail before anyone waits for it.
    this.#done.promise.catch(() => undefined);
    this.#subscription = client.nats.subscribe(turns, {
      callback: (_, message) => {
        const said = jsonOf(message);
        if (said === undefined) log(`a message on ${message.subject} is not JSON: left out`);
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

  /** The agent is done with the turn: closes the dialog, and streams the turns that the feed has not brought yet. */
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
    const transcript = pages(
      (from: number = 1) => this.#client.query("dialogs", "transcript", { id: this.#dialog, from }, { minPosition }),
      ({ data }) => data.next,
    );
    for await (const { data } of transcript)
      for (const entry of data.entries) if (entry.event === "turn-said") this.#stream(entry.data);
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
