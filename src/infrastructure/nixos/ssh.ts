import { HostUnreachable, type Log, StepFailed, type TargetHost } from "../../contract/hosts.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { type Ended, runProgram } from "./program.ts";

export interface SshSettings {
  /** The user's arguments. They come before ours, because ssh uses the first value. None may contain white space. */
  readonly arguments: ReadonlyArray<string>;
}

/** The exit code of ssh if the connection has failed, and not the command (ssh(1)). */
const connectionFailed = 255;

/**
 * Each call opens a new connection, even if the user's configuration shares them. A shared connection would survive an
 * sshd that takes no new ones, and a lockout would go unnoticed. These come first, because ssh uses the first value.
 */
const fresh = ["-o", "ControlMaster=no", "-o", "ControlPath=none"];

/** Our arguments: ssh asks no questions, refuses an unknown host key, and notices a cut connection within 15 s. */
const own = [
  ["BatchMode", "yes"],
  ["StrictHostKeyChecking", "yes"],
  ["ConnectTimeout", "10"],
  ["ServerAliveInterval", "5"],
  ["ServerAliveCountMax", "3"],
  ["LogLevel", "ERROR"],
].flatMap(([key, value]) => ["-o", `${key}=${value}`]);

/**
 * Returns the arguments in `NIX_SSHOPTS`. As for nixos-rebuild, white space separates them, and quotes have no effect.
 */
const fromEnvironment = (): ReadonlyArray<string> =>
  (process.env.NIX_SSHOPTS ?? "").split(/\s+/).filter((word) => word !== "");

/** Returns the arguments of ssh for our calls and for those of nix. The user's `NIX_SSHOPTS` come first. */
export const sshArguments = ({ ssh, knownAs }: TargetHost, settings: SshSettings): ReadonlyArray<string> => [
  ...fromEnvironment(),
  ...settings.arguments,
  ...own,
  ...(knownAs === undefined ? [] : ["-o", `HostKeyAlias=${knownAs}`]),
  ...(ssh?.port === undefined ? [] : ["-p", String(ssh.port)]),
];

export const userOf = ({ ssh }: TargetHost): string => ssh?.user ?? "root";

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * Runs a function of {@link script} on the host as root, over a new connection. `log` gets the lines of its stdout.
 * Throws {@link HostUnreachable} if the host does not answer, and {@link StepFailed} if it refuses the login or root.
 */
export const runScript = async (
  target: TargetHost,
  words: ReadonlyArray<string>,
  options: {
    readonly script: string;
    readonly settings: SshSettings;
    readonly signal: AbortSignal;
    readonly log?: Log | undefined;
  },
): Promise<Ended> => {
  const { script, settings, signal, log } = options;
  const user = userOf(target);
  const identity = target.ssh?.identityFile;
  const args = [
    ...fresh,
    ...sshArguments(target, settings),
    ...(identity === undefined ? [] : ["-i", identity]),
    "-T",
    "-l",
    user,
    "--",
    target.address,
    ...(user === "root" ? [] : ["sudo", "--non-interactive", "--"]),
    "bash",
    "-s",
    "--",
    ...words.map(quoted),
  ];
  const ended = await runProgram("ssh", args, {
    input: script,
    signal,
    ...defined({ log, logged: log === undefined ? undefined : ("stdout" as const) }),
  });
  if (ended.code === connectionFailed) throw connectionError(target, ended.stderr);
  const refusal = ended.code === 0 ? undefined : sudoRefusal(target, ended.stderr);
  if (refusal !== undefined) throw refusal;
  return ended;
};

/** The error output if sudo refuses the user, or is missing. */
const noSudo =
  /sudo: (?:.*password is required|.*must have a tty|command not found|not found)|is not in the sudoers file|may not run sudo|is not allowed to (?:execute|run)/;

/** Returns the error if the user may not become root on the host. */
export const sudoRefusal = (target: TargetHost, stderr: string): StepFailed | undefined => {
  const user = userOf(target);
  if (user === "root" || !noSudo.test(stderr)) return undefined;
  return new StepFailed({
    login: true,
    message: `${user} may not become root on ${target.host} without a password: let it on the host (\`security.sudo.extraRules\` with NOPASSWD), or name another \`ssh.user\` in the graph (${lastLine(stderr)})`,
  });
};

const refusals: ReadonlyArray<readonly [RegExp, (target: TargetHost) => string]> = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    ({ address }) =>
      `${address} has another host key than the one that is known: if the host was set up again, remove the old key (ssh-keygen -R ${address}) and add the new one; if not, somebody else answers for it`,
  ],
  [
    /Host key verification failed|No \S+ host key is known/,
    ({ address, ssh }) =>
      `the host key of ${address} is not known: compare it (ssh-keyscan${ssh?.port === undefined ? "" : ` -p ${ssh.port}`} ${address}) and add it to the known_hosts of the user that runs the deployer`,
  ],
  [
    /Permission denied|Too many authentication failures/,
    (target) =>
      `${target.address} does not let ${userOf(target)} in: add the deployer's public key there, or name another \`ssh.user\` or \`ssh.identityFile\` in the graph`,
  ],
  [/Bad configuration option|command-line.*line \d+|no argument after keyword/, () => "ssh does not take its options"],
];

/** Returns the error of a failed connection. A host that refuses the login is reachable, so waiting does not help. */
export const connectionError = (target: TargetHost, stderr: string): Error => {
  const said = stderr.trim();
  for (const [pattern, remedy] of refusals)
    if (pattern.test(said))
      return new StepFailed({
        message: `${remedy(target)}${said === "" ? "" : ` (ssh: ${lastLine(said)})`}`,
        login: true,
      });
  return new HostUnreachable({
    message: `${target.host} (${target.address}) does not answer over ssh: ${lastLine(said) || "the connection was cut"}`,
  });
};

export const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.trim() ?? "";
