import type { Msg } from "@nats-io/nats-core";

/** Milliseconds for which an answer is given again to the same question. */
const fresh = 250;
/** Bytes of a question that is remembered meanwhile. */
const mostBytes = 4_096;

/**
 * The answers that one session got a moment ago. When something happens, each of its tabs asks the same, one after the
 * other, because browsers open six connections: twenty tabs would have the backend answer twenty times.
 *
 * Only a question that names a position is shared. Its answer has seen that position, whenever it was given, and that is
 * what the question asks for. Whatever happens later is an event with a higher position, and so another question.
 */
export class SharedAnswers {
  readonly #answers = new Map<string, Promise<Msg>>();

  /** Returns the answer to a question, which is asked unless the same one was a moment ago. A refusal is not kept. */
  get(question: ReadonlyArray<string>, ask: () => Promise<Msg>, isRefusal: (reply: Msg) => boolean): Promise<Msg> {
    const key = JSON.stringify(question);
    if (key.length > mostBytes) return ask();
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = ask();
    this.#answers.set(key, answer);
    const forget = () => this.#answers.delete(key);
    answer.then((reply) => (isRefusal(reply) ? forget() : setTimeout(forget, fresh).unref()), forget);
    return answer;
  }
}
