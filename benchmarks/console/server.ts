import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const cim = fileURLToPath(new URL("../../bin/cim", import.meta.url));

/** Serves the console for a leaf, in a process of its own. Returns a link that logs in once. */
export const serveConsole = async (nats: string, principal: string) => {
  const args = ["console", "--json", "--nats", nats, "--as", principal, "--console-port", "0"];
  const child = spawn(cim, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const failed = ended.then(([code]) => Promise.reject(new Error(`cim console has ended with ${code}`)));
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), failed]);
  // It is asked to end below.
  failed.catch(() => undefined);
  const { http }: { readonly http: { readonly link: string } } = JSON.parse(String(line));
  return {
    link: http.link,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
};
