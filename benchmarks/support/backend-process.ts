import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isObject } from "../../src/agents/kit/json.ts";
import type { BackendOptions } from "../../src/interfaces/backend.ts";

/** A backend in a process of its own, as in real use, so that agents and clients do not take its processor time. */
export interface BackendProcess {
  readonly url: string;
  /** The processor time that it has used, in milliseconds, without that of its nats-server. */
  readonly used: () => Promise<number>;
  /** The longest time that its event loop has stood still since this was last asked, in milliseconds. */
  readonly stalled: () => Promise<number>;
  /** The most memory that it has had at a time, in MiB. */
  readonly memory: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

const script = fileURLToPath(new URL("backend-child.ts", import.meta.url));

/** Starts a backend. Throws if it does not come up; the reason is on stderr. */
export const startBackend = async (options: BackendOptions): Promise<BackendProcess> => {
  const child = fork(script, [JSON.stringify(options)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(child, "exit");
  const received = async (): Promise<unknown> => {
    const over = ended.then(() => Promise.reject(new Error("the backend of this benchmark has ended")));
    const [message] = await Promise.race([once(child, "message"), over]);
    return message;
  };
  const asked = async (what: "used" | "stalled" | "memory"): Promise<number> => {
    child.send(what);
    const answer = await received();
    return isObject(answer) ? Number(answer[what]) : Number.NaN;
  };
  return {
    url: String(await received()),
    used: () => asked("used"),
    stalled: () => asked("stalled"),
    memory: () => asked("memory"),
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
};
