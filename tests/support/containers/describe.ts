import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describeIfPossible } from "../describe-if-possible.ts";

const failureOf = (script: string): string | undefined => {
  const { status, stderr } = spawnSync(join(import.meta.dirname, script), { encoding: "utf8" });
  return status === 0 ? undefined : stderr.trim();
};

/** Why there are no containers here. A docker daemon is started if none answers, and it goes on running. */
const dockerReason = (): string | undefined => {
  if (process.platform !== "linux" || process.arch !== "x64") return "the image of nats-server is for Linux on x64";
  return failureOf("start-docker.sh") ?? failureOf("can-talk.sh");
};

/** A group of tests with containers that reach each other. If there can be none it is skipped, and a warning says why. */
export const describeWithContainers = (name: string, tests: () => void): void =>
  describeIfPossible(name, "containers that reach each other", dockerReason(), tests);
