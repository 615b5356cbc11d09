import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("responder-child.ts", import.meta.url));

/** Starts a bare responder in a process of its own. Returns how to end it. */
export const startResponder = async (url: string): Promise<() => Promise<void>> => {
  const child = fork(script, [url], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(child, "exit");
  const over = ended.then(() => Promise.reject(new Error("the responder of this benchmark has ended")));
  await Promise.race([once(child, "message"), over]);
  return async () => {
    over.catch(() => {});
    if (child.connected) child.disconnect();
    await ended;
  };
};
