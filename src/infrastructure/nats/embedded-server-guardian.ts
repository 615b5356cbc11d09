import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { Effect } from "effect";

/**
 * Runs the server and outlives it: it holds the store's lock for as long as the server runs, and ends the server when
 * its standard input is closed, which the kernel does when our process dies in any way.
 * Arguments: binary, run folder. Exit code 75: the lock is held. A background job's own standard input would be
 * /dev/null, hence file descriptor 3.
 */
const guardian = `
binary=$1 run=$2
echo $$ >"$run/lock.$$" || exit 1
ln "$run/lock.$$" "$run/lock" 2>/dev/null || { rm -f "$run/lock.$$"; exit 75; }
rm -f "$run/lock.$$" "$run"/*.ports
if [ -e "$run/nats-server.log" ]; then mv -f "$run/nats-server.log" "$run/nats-server.log.previous"; fi
exec 3<&0
"$binary" --config "$run/nats-server.conf" >"$run/nats-server.out" 2>&1 3<&- &
server=$!
{
  while read -r _ <&3; do :; done
  kill -TERM $server
  for second in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 $server || exit; done
  kill -KILL $server
} >/dev/null 2>&1 &
watcher=$!
trap 'kill -TERM $server' TERM INT
echo "$server"
wait $server
while kill -0 $server 2>/dev/null; do wait $server; done
kill $watcher 2>/dev/null
rm -f "$run/lock"
`;

const lockHeld = 75;

/** The running guardian. */
export type Guardian = ChildProcessByStdio<Writable, Readable, null>;

/** How a launch went: `locked` where another guardian has the store. */
export type Launch =
  | { readonly kind: "locked" }
  | { readonly kind: "ended" }
  | { readonly kind: "started"; readonly pid: number };

/** Starts a server under a guardian; `run` is the folder of its configuration, logs and lock. */
export const launch = (binary: string, run: string) =>
  Effect.callback<readonly [Guardian, Launch]>((resume) => {
    // A session of its own: a Ctrl-C in the terminal is for us, and we end the server last.
    const child = spawn("/bin/sh", ["-c", guardian, "cim-nats-guardian", binary, run], {
      stdio: ["pipe", "pipe", "ignore"],
      detached: true,
    });
    child.stdin.on("error", () => {});
    child.once("error", () => resume(Effect.succeed([child, { kind: "ended" }])));
    child.once("exit", (code) => resume(Effect.succeed([child, { kind: code === lockHeld ? "locked" : "ended" }])));
    child.stdout.once("data", (line: Buffer) =>
      resume(Effect.succeed([child, { kind: "started", pid: Number(line.toString()) }])),
    );
    return Effect.sync(() => child.stdin.destroy());
  });

/** Waits until the guardian, and so its server, has ended. */
export const ended = (child: Guardian): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const done = () => resume(Effect.void);
    if (child.exitCode !== null || child.signalCode !== null) return done();
    child.once("exit", done);
    return Effect.sync(() => child.removeListener("exit", done));
  });
