import { HostUnreachable, type Operator, StepFailed } from "../../../../src/contract/hosts.ts";
import type { HostPlan } from "../../../../src/domain/deployment/waves.ts";

/** An operator over hosts in memory that notes every operation, in order. */
export interface FakeHosts {
  readonly operator: Operator;
  /** `<operation> <host>`. */
  readonly log: Array<string>;
  readonly running: Map<string, string>;
  /** Called before each operation; may throw what goes wrong. */
  before: (operation: string, host: string) => void | Promise<void>;
  /** Nodes that are not well. */
  readonly ill: Set<string>;
}

export const fakeHosts = (): FakeHosts => {
  const log: Array<string> = [];
  const running = new Map<string, string>();
  const ill = new Set<string>();
  const runningOn = (host: string) => running.get(host) ?? `old-${host}`;
  const note = async (operation: string, host: string, signal: AbortSignal) => {
    log.push(`${operation} ${host}`);
    await fake.before(operation, host);
    signal.throwIfAborted();
  };
  const operator: Operator = {
    current: async ({ host }, signal) => {
      await note("current", host, signal);
      return { closure: runningOn(host) };
    },
    observe: async ({ host }, signal) => {
      await note("observe", host, signal);
      return { closure: runningOn(host), failedUnits: [] };
    },
    operate: ({ host }, { action, unit }, signal) => note(`${action} ${unit}`, host, signal),
    build: async ({ host: { host } }, signal) => {
      await note("build", host, signal);
      return `new-${host}`;
    },
    copy: ({ host }, _closure, _provision, signal) => note("copy", host, signal),
    examine: async () => ({ removals: [] }),
    outdated: async () => [],
    reboot: ({ host }, _closure, _provision, signal) => note("reboot", host, signal),
    activate: async ({ host }, closure, _, signal) => {
      await note("activate", host, signal);
      running.set(host, closure);
    },
    check: async ({ host }, { node }, signal) => {
      await note("check", host, signal);
      return ill.has(node) ? { ok: false, detail: "no answer" } : { ok: true };
    },
    confirm: async ({ host }, closure, _, signal) => {
      await note("confirm", host, signal);
      if (runningOn(host) !== closure) throw new StepFailed({ message: `it runs ${runningOn(host)}` });
    },
    revert: async ({ host }, previous, _, signal) => {
      await note("revert", host, signal);
      running.set(host, previous);
      return runningOn(host);
    },
  };
  const fake: FakeHosts = { operator, log, running, ill, before: () => undefined };
  return fake;
};

/** Makes a host unreachable for an operation, the first `times` times. */
export const unreachable = (operation: string, host: string, times: number): FakeHosts["before"] => {
  let left = times;
  return (asked, where) => {
    if (asked !== operation || where !== host || left <= 0) return;
    left -= 1;
    throw new HostUnreachable({ message: `${host} is away` });
  };
};

export const waveHost = (host: string, checks: HostPlan["checks"] = []): HostPlan => ({
  host,
  address: `10.0.0.${host.at(-1)}`,
  system: "x86_64-linux",
  checks,
});

export const check = (node: string, retries = 0): HostPlan["checks"][number] => ({
  node,
  kind: "tcp",
  intervalSeconds: 0.001,
  timeoutSeconds: 1,
  retries,
});
