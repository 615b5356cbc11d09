import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { BackendOptions } from "../../src/interfaces/backend.ts";

/** A backend in a process of its own, as it is in use: what agents and clients do does not take its time. */
export interface BackendProcess {
  readonly url: string;
  /** The processor time it has used, in milliseconds; without that of its nats-server. */
  readonly used: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

const script = fileURLToPath(new URL("backend-child.ts", import.meta.url));

/** Starts a backend; throws where it does not come up, and says on stderr why. */
export const startBackend = async (options: BackendOptions): Promise<BackendProcess> => {
  const child = fork(script, [JSON.stringify(options)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(child, "exit");
  const told = async (): Promise<unknown> => {
    const over = ended.then(() => Promise.reject(new Error("the backend of this benchmark has ended")));
    const [message] = await Promise.race([once(child, "message"), over]);
    return message;
  };
  return {
    url: String(await told()),
    used: () => {
      child.send("used");
      return told().then(Number);
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
};
