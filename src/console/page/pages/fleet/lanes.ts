import type { ItemOf } from "../../../../contract/views/mod.ts";

type Task = ItemOf<"tasks">;

/** A task on the lane of its agent: from when to when, in shares of the whole lane. */
export interface Block {
  readonly key: string;
  readonly task: string;
  readonly tone: "ok" | "bad" | "moving" | "quiet";
  readonly name: string;
  readonly from: number;
  readonly share: number;
}

const toneOfAttempt = (ended: string | undefined): Block["tone"] => {
  if (ended === undefined) return "moving";
  if (ended === "completed") return "ok";
  return ended === "failed" ? "bad" : "quiet";
};

/**
 * Returns what each agent had to do between two moments (in milliseconds), the oldest first. An attempt that goes on lasts
 * until `end`.
 */
export const lanesOf = (
  tasks: ReadonlyArray<Task>,
  begin: number,
  end: number,
): ReadonlyMap<string, ReadonlyArray<Block>> => {
  const lanes = new Map<string, Array<Block>>();
  const whole = Math.max(1, end - begin);
  for (const { id, type = "task", status = "", attempts = [] } of tasks)
    for (const { agent, attempt, assignedAt, ended } of attempts) {
      const from = Math.max(begin, Date.parse(assignedAt));
      const to = Math.min(end, ended === undefined ? end : Date.parse(ended.at));
      if (to < begin || from > end) continue;
      const isOpen = ended === undefined;
      const lane = lanes.get(agent) ?? [];
      lane.push({
        key: `${id} ${attempt}`,
        task: id,
        tone: toneOfAttempt(ended?.why),
        name: `${type} ${id}, ${isOpen ? status.replaceAll("-", " ") : ended.why}`,
        from: (from - begin) / whole,
        share: Math.max(0, to - from) / whole,
      });
      lanes.set(agent, lane);
    }
  for (const lane of lanes.values()) lane.sort((one, other) => one.from - other.from);
  return lanes;
};
