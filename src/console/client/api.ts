import { Schema } from "effect";
import { Arrangement, type Boxes } from "../../contract/arrangements.ts";
import type { CommandPayload } from "../../contract/commands.ts";
import { Accepted } from "../../contract/envelope.ts";
import { headerNames } from "../../contract/names.ts";
import type { DraftMessage } from "../../contract/signals.ts";
import type { AnswerOf, InputOf, OperationName, ViewName } from "../../contract/views/mod.ts";
import { defined } from "../../domain/kernel/defined.ts";

/** The installation, or the console server, refused a request. */
export class Refused extends Error {
  override readonly name = "Refused";
  /** An error code of the contract; a newer backend may have more. */
  readonly code: string;
  /** The status of HTTP: 401 says that one is not logged in. */
  readonly status: number;
  readonly details: unknown;

  constructor(status: number, code: string, message: string, details: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export interface ApiOptions {
  readonly fetch: (address: string, init: RequestInit) => Promise<Response>;
  readonly newId: () => string;
  readonly wait: (milliseconds: number) => Promise<void>;
}

export interface CommandOptions {
  /** Made before the command is sent, so that sending it again changes nothing. By default each call has its own. */
  readonly commandId?: string;
  readonly expectedVersion?: number;
  /** Signature and public key, if the person signs in the browser. */
  readonly signed?: { readonly signature: string; readonly publicKey: string };
}

/** Milliseconds before each repetition. After the last one the caller hears of it. */
const waits = [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000];
/** Milliseconds that an answer may take. The server waits 30 s for the backend; what takes longer is lost. */
const patience = 45_000;
/** No answer, or one that says: later. 502 comes from proxies. */
const passing = new Set([429, 502, 503, 504]);

const decodeArrangement = Schema.decodeUnknownSync(Arrangement);
const decodeAccepted = Schema.decodeUnknownSync(Accepted);

type Reply = Readonly<Record<string, unknown>>;

const replyOf = async (response: Response): Promise<Reply> => {
  const reply: unknown = await response.json().catch(() => undefined);
  return typeof reply === "object" && reply !== null ? (reply as Reply) : {};
};

const refusalOf = (status: number, { error }: Reply): Refused => {
  const { code, message, details } = typeof error === "object" && error !== null ? (error as Reply) : {};
  return new Refused(
    status,
    typeof code === "string" ? code : "unavailable",
    typeof message === "string" ? message : `the console server answered with ${status}`,
    details,
  );
};

/** What a page asks of the console server. Each request is sent again, bounded, until it is answered. */
export class Api {
  readonly #options: ApiOptions;
  #principal: string | undefined;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** Gives a command. It takes effect once, however often it had to be sent. Throws {@link Refused}. */
  async command<A extends string, C extends string>(
    aggregate: A,
    id: string,
    command: C,
    payload: CommandPayload<A, C>,
    { commandId = this.#options.newId(), expectedVersion, signed }: CommandOptions = {},
  ): Promise<Accepted> {
    const headers: Record<string, string> = { [headerNames.commandId]: commandId };
    if (expectedVersion !== undefined) headers[headerNames.expectedVersion] = String(expectedVersion);
    if (signed !== undefined) {
      headers[headerNames.signature] = signed.signature;
      headers[headerNames.publicKey] = signed.publicKey;
    }
    const address = `/api/command/${aggregate}/${encodeURIComponent(id)}/${command}`;
    return decodeAccepted(await this.#post(address, JSON.stringify(payload), headers));
  }

  /**
   * Asks a view. With `minPosition` the answer has seen what an accepted command wrote. With `at`, a position of the log
   * or a moment, it is the answer of then. Throws {@link Refused}.
   */
  async query<V extends ViewName, O extends OperationName<V>>(
    view: V,
    operation: O,
    input: InputOf<V, O>,
    { minPosition, at }: { readonly minPosition?: number; readonly at?: string } = {},
  ): Promise<{ readonly position: number; readonly data: AnswerOf<V, O> }> {
    const headers = defined({
      [headerNames.minPosition]: minPosition === undefined ? undefined : String(minPosition),
      [headerNames.at]: at,
    });
    const reply = await this.#post(`/api/query/${view}/${operation}`, JSON.stringify(input), headers);
    return { position: Number(reply.position), data: reply.data as AnswerOf<V, O> };
  }

  /** Tells the others who have a draft open. Nothing keeps it. */
  async tellDraft(draft: string, message: DraftMessage): Promise<void> {
    await this.#post(`/api/draft/${encodeURIComponent(draft)}`, JSON.stringify(message), {});
  }

  /** The arrangement of a graph that everybody sees; with `boxes`, after it was replaced. Throws {@link Refused}. */
  async arrangement(graph: string, boxes?: Boxes): Promise<Arrangement> {
    const address = `/api/arrangement/${encodeURIComponent(graph)}`;
    const reply = await this.#post(address, JSON.stringify(defined({ boxes })), {});
    return decodeArrangement(reply);
  }

  /** Speaks for a person from now on. If somebody else logs in, requests are refused, not done in that person's name. */
  speakFor(principal: string): void {
    this.#principal = principal;
  }

  /** As whom one acts, and the prefix of the subjects that are signed; undefined if one is not logged in. */
  async session(): Promise<{ readonly principal: string; readonly prefix: string } | undefined> {
    const response = await this.#options.fetch("/api/session", { headers: {} });
    if (response.status === 401) return undefined;
    const reply = await replyOf(response);
    if (!response.ok) throw refusalOf(response.status, reply);
    return { principal: String(reply.principal), prefix: String(reply.prefix) };
  }

  /** The OpenID provider that one can log in by: its name, and where that begins; undefined if there is none. */
  async provider(): Promise<{ readonly name: string; readonly address: string } | undefined> {
    const response = await this.#options.fetch("/api/log-in", { headers: {} });
    const { provider } = await replyOf(response);
    if (!response.ok || typeof provider !== "object" || provider === null) return undefined;
    const { name, address } = provider as Reply;
    // A path of ours, and nothing that could be run.
    return typeof address === "string" && /^\/(?!\/)/.test(address) ? { name: String(name), address } : undefined;
  }

  /** Ends the session. */
  async logOut(): Promise<void> {
    await this.#post("/api/log-out", "{}", {});
  }

  async #post(address: string, body: string, headers: Readonly<Record<string, string>>): Promise<Reply> {
    const init = {
      method: "POST",
      body,
      headers: {
        ...headers,
        ...defined({ "Cim-Principal": this.#principal }),
        "Content-Type": "application/json",
        "Cim-Console": "1",
      },
    };
    for (const pause of waits) {
      const outcome = await this.#attempt(address, init);
      if (!(outcome instanceof Refused)) return outcome;
      if (!passing.has(outcome.status)) throw outcome;
      await this.#options.wait(pause);
    }
    const last = await this.#attempt(address, init);
    if (last instanceof Refused) throw last;
    return last;
  }

  async #attempt(address: string, init: RequestInit): Promise<Reply | Refused> {
    try {
      const response = await this.#options.fetch(address, { ...init, signal: AbortSignal.timeout(patience) });
      const reply = await replyOf(response);
      return response.ok ? reply : refusalOf(response.status, reply);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return new Refused(503, "unavailable", `the console server cannot be reached (${reason})`, undefined);
    }
  }
}
