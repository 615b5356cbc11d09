import { Schema } from "effect";
import { Closure } from "../../domain/host/desired.ts";
import { messageOf } from "../kit/errors.ts";
import type { Json } from "../kit/json.ts";
import { type TaskContext, TaskFailed } from "../kit/mod.ts";
import { reader } from "../kit/reader.ts";
import { isHostUnreachable, type Operator, type TargetHost, type UnitAction } from "./operator.ts";
import { whileReachable } from "./patience.ts";
import { address, host, ssh } from "./protocol.ts";

/** What carrying out needs of its task. */
type WorkContext = Pick<TaskContext, "task" | "signal">;
type OperatorOf = (target: string) => Operator;

const where = { host, address, ssh, target: Schema.NonEmptyString };
const Unit = Schema.NonEmptyString;

const RepairMessage = Schema.Struct({
  ...where,
  deployment: Schema.NonEmptyString,
  kind: Schema.Literals(["closure", "boot", "unit"]),
  closure: Closure,
  unit: Schema.optionalKey(Unit),
});
const OperateMessage = Schema.Struct({
  ...where,
  action: Schema.Literals(["start", "stop", "restart"]),
  node: Schema.NonEmptyString,
  units: Schema.Array(Unit),
});

interface RepairRequest extends TargetHost {
  readonly target: string;
  readonly deployment: string;
  readonly kind: "closure" | "boot" | "unit";
  readonly closure: string;
  readonly unit?: string;
}
interface OperateRequest extends TargetHost {
  readonly target: string;
  readonly action: UnitAction["action"];
  readonly units: ReadonlyArray<string>;
}

const readRepair: (value: unknown) => RepairRequest = reader(RepairMessage, "payload of a task repair");
const readOperate: (value: unknown) => OperateRequest = reader(OperateMessage, "payload of a task operate");

/**
 * The task `repair`: makes a host run, and boot, the closure that it should, or restarts a unit that has failed; done
 * when a look at the host shows that it is so.
 */
export const repair = async (context: WorkContext, operatorOf: OperatorOf, withinSeconds: number): Promise<Json> => {
  const request = readRepair(context.task.payload);
  const operator = operatorOf(request.target);
  const { signal } = context;
  const { host: id, closure, unit, deployment } = request;
  // A unit that fails again after its restart would do so once more; what a host is switched to may have met its reboot.
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

/** The task `operate`: starts, stops or restarts the units of a node, one after the other. */
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
