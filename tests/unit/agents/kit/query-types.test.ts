import { expect, test } from "@jest/globals";
import type { Client, DocumentOf, Json } from "../../../../src/agents/kit/mod.ts";

/** Never called: the compiler checks it, and complains of each expected error that is none. */
const checked = async (client: Client, view: string, signal: AbortSignal) => {
  const { data: task } = await client.query("tasks", "get", { id: "t" });
  const place: number | undefined = task.queue?.place;
  // @ts-expect-error A task has a status, not a state.
  task.state;
  // @ts-expect-error The id is required.
  await client.query("tasks", "get");
  // @ts-expect-error A text, not a number.
  await client.query("tasks", "get", { id: 1 });
  // @ts-expect-error The view has no such operation.
  await client.query("tasks", "plan", { graph: "g" });
  // @ts-expect-error There is no such view.
  await client.query("jobs", "list");

  const { items } = (await client.query("graphs", "list")).data;
  const first = items[0];
  const counts: ReadonlyArray<number | undefined> = [first?.nodeCount, first?.edgeCount];
  // A document without its largest fields may lack any of them but the id.
  const whole = first === undefined || "leftOut" in first ? undefined : first.nodeCount.toFixed();

  const untyped: Json = (await client.query(view, "list", { anything: true })).data;
  for await (const { id, document } of client.watch("agents", {}, signal)) {
    const agent: DocumentOf<"agents"> | undefined = document;
    // @ts-expect-error No agent is asleep.
    if (agent?.status === "asleep") return id;
  }
  for await (const { document } of client.watch(view, {}, signal)) {
    const json: Json | undefined = document;
    if (json === null) return json;
  }
  return [place, counts, whole, untyped];
};

test("queries and watches have the types of the contract, by view and operation", () => {
  expect(checked).toBeInstanceOf(Function);
});
