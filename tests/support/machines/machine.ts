/** A machine of a test: Debian with systemd, sshd, nix and a system of `tests/nixpkgs`, as a NixOS host is to who deploys to it. */
export interface Machine {
  readonly name: string;
  readonly address: string;
  /** Its line in a known_hosts file. */
  readonly hostKey: string;
  /**
   * Runs a command of the shell as root inside the machine, past its network. Answers what it writes to its output, trimmed;
   * rejects with what it writes to its errors where it fails, and after 90 s.
   */
  readonly run: (command: string) => Promise<string>;
  /** What a unit has written to the journal, over all boots; of all units without a name. */
  readonly journal: (unit?: string) => Promise<string>;
  /** Pulls the network cable: nothing comes in or goes out, open connections hang. */
  readonly cutNetwork: () => Promise<void>;
  readonly healNetwork: () => Promise<void>;
  /** New connections over ssh are refused; open ones stay. */
  readonly stopSshd: () => Promise<void>;
  readonly startSshd: () => Promise<void>;
  /** Leaves no room in /nix/store. */
  readonly fillDisk: () => Promise<void>;
  readonly freeDisk: () => Promise<void>;
  /** Reboots in order; resolves when it is up again. */
  readonly reboot: () => Promise<void>;
  /** A power cut. The disk stays. */
  readonly kill: () => Promise<void>;
  /** Starts it again after `kill`; resolves when all its units have started, or failed. */
  readonly boot: () => Promise<void>;
}

/** Runs `machine.sh COMMAND NAME ARGUMENT…` in the lab of the run; answers its output. */
export type Control = (command: string, name: string, ...args: ReadonlyArray<string>) => Promise<string>;

interface Identity {
  readonly name: string;
  readonly address: string;
  readonly hostKey: string;
}

/** Milliseconds until what is asked of a machine while it shuts down is taken for unanswered: it may hang with it. */
const longestAnswer = 5_000;
/** Milliseconds until a machine that does not come back from its reboot is switched off and on, as one would do by hand. */
const longestShutdown = 60_000;

const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));

/** The machine of that identity; `programs` are files of this machine that it has as well, `FROM:TO`. */
export const machine = (control: Control, identity: Identity, programs: ReadonlyArray<string>): Machine => {
  const { name } = identity;
  const run = async (command: string) => (await control("exec", name, "bash", "-c", command)).trim();
  const act = (command: string) => async (): Promise<void> => {
    await control(command, name);
  };
  const boot = async (): Promise<void> => {
    await control("boot", name, ...programs);
    await control("wait", name);
  };
  const bootId = () => run("cat /proc/sys/kernel/random/boot_id");
  return {
    ...identity,
    run,
    boot,
    journal: (unit) => run(`journalctl --no-pager --output=short-iso${unit === undefined ? "" : ` --unit='${unit}'`}`),
    cutNetwork: act("cut"),
    healNetwork: act("heal"),
    stopSshd: async () => {
      await run("systemctl stop ssh.service");
    },
    startSshd: async () => {
      await run("systemctl start ssh.service");
    },
    fillDisk: act("fill"),
    freeDisk: act("free"),
    kill: act("kill"),
    reboot: async () => {
      const before = await bootId();
      await run("systemctl reboot");
      const latest = Date.now() + longestShutdown;
      // Until then it is the old boot that answers, or nobody.
      const answer = () => Promise.race([bootId().catch(() => before), sleep(longestAnswer).then(() => before)]);
      while ((await answer()) === before) {
        if (Date.now() > latest) {
          await control("kill", name);
          return boot();
        }
        await sleep(100);
      }
      await control("wait", name);
    },
  };
};
