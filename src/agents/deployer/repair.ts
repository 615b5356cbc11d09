import { OperateTask, RepairTask } from "../../contract/host-tasks.ts";
import { isHostUnreachable, type Operator } from "../../contract/hosts.ts";
import { messageOf } from "../kit/errors.ts";
import { type Json, reader } from "../kit/json.ts";
import { type TaskContext, TaskFailed } from "../kit/mod.ts";
import { whileReachable } from "./patience.ts";

/** The parts of a task's context that this work needs. */
type WorkContext = Pick<TaskContext, "task" | "signal">;
type OperatorOf = (target: string) => Operator;

const readRepair = reader(RepairTask, "the payload of a task repair");
const readOperate = reader(OperateTask, "the payload of a task operate");

/**
 * Does the task `repair`: makes a host run and boot the closure that it should, or restarts a unit that has failed. The
 * task is complete only if an observation of the host then shows the result.
 */
export const repair = async (context: WorkContext, operatorOf: OperatorOf, withinSeconds: number): Promise<Json> => {
  const request = readRepair(context.task.payload);
  const operator = operatorOf(request.target);
  const { signal } = context;
  const { host: id, closure, unit, deployment } = request;
  // A unit that fails again after its restart would fail a third time. A closure may have met a reboot of the host.
  return failing("repair-failed", id, { retry: request.kind !== "unit" }, () =>
    whileReachable(withinSeconds, signal, async () => {
      if (request.kind === "unit" && unit !== undefined) {
        await operator.operate(request, { action: "restart", unit }, signal);
        const { failedUnits } = await operator.observe(request, signal);
        if (failedUnits.includes(unit))
          throw new Error(`${unit} has failed again after a restart: see its log on ${id}`);
        return { host: id, unit };
      }
      const running = await operator.revert(request, closure, { deployment, boot: true }, signal);
      if (running !== closure) throw new Error(`it runs ${running}, not ${closure}`);
      return { host: id, closure };
    }),
  );
};

/** Does the task `operate`: starts, stops or restarts the units of a node, one after the other. */
export const operate = async (context: WorkContext, operatorOf: OperatorOf, withinSeconds: number): Promise<Json> => {
  const request = readOperate(context.task.payload);
  const operator = operatorOf(request.target);
  const { signal } = context;
  const { host: id, action, units } = request;
  return failing("operation-failed", id, { retry: false }, async () => {
    for (const unit of units)
      await whileReachable(withinSeconds, signal, () => operator.operate(request, { action, unit }, signal));
    return { host: id, action, units };
  });
};

const failing = async <T>(
  reason: string,
  id: string,
  { retry }: { readonly retry: boolean },
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    const data = { host: id, detail: messageOf(error) };
    throw new TaskFailed(isHostUnreachable(error) ? "unreachable" : reason, data, { retry });
  }
};
