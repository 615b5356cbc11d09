import type { LockReference, Operator } from "../../contract/hosts.ts";
import { isObject } from "../kit/json.ts";
import { Agent, type Client, type Task, TaskFailed, type TaskHandler } from "../kit/mod.ts";
import { deploy, type TellOf } from "./deploy.ts";
import { pin } from "./pin.ts";
import { operate, repair } from "./repair.ts";
import { rollBack } from "./roll-back.ts";

/** Operators by the target of a deployment. */
export type Operators = Readonly<Partial<Record<"simulated" | "nixos", Operator>>>;

export interface DeployerOptions {
  readonly client: Client;
  readonly id: string;
  readonly operators: Operators;
  /** How it finds out what the inputs of flakes mean; absent where there is no nix. */
  readonly lockReference?: LockReference;
  /** Seconds for which a host that does not answer is tried again; 60 by default. */
  readonly reachWithinSeconds?: number;
  /**
   * Seconds that a replacement of this deployer has to confirm an activation, on top of what the health checks take;
   * 60 by default. A host that is not confirmed by then goes back by itself.
   */
  readonly confirmationMarginSeconds?: number;
  readonly heartbeatSeconds?: number;
}

/** Deployments that one deployer carries out at once. */
const maxConcurrentTasks = 4;

/** Starts an agent that carries out the tasks `pin`, `deploy`, `roll-back`, `repair` and `operate`. */
export const startDeployer = ({
  operators,
  lockReference,
  reachWithinSeconds = 60,
  confirmationMarginSeconds = 60,
  ...agent
}: DeployerOptions): Promise<Agent> => {
  const inTurn = turns();
  const work: TaskHandler = async (context) => {
    const { type } = context.task;
    if (type === "pin") return pin(context, lockReference);
    if (type === "deploy")
      return deploy(
        context,
        operatorFor(operators),
        { reachWithinSeconds, confirmationMarginSeconds },
        tellersOn(context.client),
      );
    if (type === "roll-back") return rollBack(context, operatorFor(operators), reachWithinSeconds);
    if (type === "repair") return repair(context, operatorFor(operators), reachWithinSeconds);
    if (type === "operate") return operate(context, operatorFor(operators), reachWithinSeconds);
    throw new TaskFailed("unknown-task", {
      detail: `a deployer does pin, deploy, roll-back, repair and operate, not ${type}`,
    });
  };
  return Agent.make({
    ...agent,
    name: "Deployer",
    capabilities: ["deploy"],
    maxConcurrentTasks,
    onTask: (context) => inTurn(deploymentOf(context.task), () => work(context)),
  });
};

/** Output goes over core NATS: nothing keeps it. */
const tellersOn =
  ({ nats, names, principal }: Client): TellOf =>
  (deployment) =>
  (output) => {
    if (!nats.isClosed()) nats.publish(names.subjects.output(principal, deployment), JSON.stringify(output));
  };

const deploymentOf = ({ id, payload }: Task): string =>
  isObject(payload) && typeof payload.deployment === "string" ? payload.deployment : id;

/**
 * Returns a function that does the tasks of one deployment one after the other. Otherwise the `roll-back` after a
 * cancelled `deploy` could touch a host on which a step of the `deploy` still runs.
 */
const turns = () => {
  const last = new Map<string, Promise<unknown>>();
  return async <T>(deployment: string, work: () => Promise<T>): Promise<T> => {
    const before = last.get(deployment);
    const own = (before ?? Promise.resolve()).then(work, work);
    last.set(deployment, own);
    try {
      return await own;
    } finally {
      if (last.get(deployment) === own) last.delete(deployment);
    }
  };
};

/** Returns the operator of a target; fails the task if this installation has none. */
export const operatorFor =
  (operators: Operators) =>
  (target: string): Operator => {
    const operator = target === "simulated" || target === "nixos" ? operators[target] : undefined;
    if (operator !== undefined) return operator;
    const known = Object.keys(operators).join(", ") || "none";
    throw new TaskFailed("target-unsupported", {
      detail: `no agent here can deploy to \`${target}\` (targets here: ${known}): start the backend with that target, or choose another`,
    });
  };
