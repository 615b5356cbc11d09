import { beforeAll, expect, test } from "@jest/globals";
import type { Check, Flake, Operator, TargetHost } from "../../../src/contract/hosts.ts";

/** A host that an operator works on, and what the contract needs to know of it. */
export interface OperatedHost {
  readonly operator: Operator;
  readonly host: TargetHost;
  /** Flakes whose systems for the host differ. */
  readonly flakes: readonly [Flake, Flake];
  /** A check that passes once the first flake's system runs, and one that does not. */
  readonly well: Check;
  readonly ill: Check;
  /** Seconds after which a host goes back by itself: more than an activation takes. */
  readonly goesBackAfter: number;
  /** The host does not answer any more; and it does again. */
  readonly cut: () => Promise<void>;
  readonly heal: () => Promise<void>;
}

/** What every operator must do, on a host that nobody else works on. */
export const operatorContract = (operated: () => Promise<OperatedHost>, timeout: number) => {
  let on: OperatedHost;
  let serial = 0;
  const { signal } = new AbortController();
  const running = async () => (await on.operator.current(on.host, signal)).closure;
  const booting = async () => (await on.operator.observe(on.host, signal)).boot;

  beforeAll(async () => {
    on = await operated();
  }, timeout);

  /** Takes a new deployment up to its activation. */
  const activated = async (which: 0 | 1, confirmWithinSeconds = 600) => {
    const { operator, host, flakes } = on;
    serial += 1;
    const deployment = `d${serial}`;
    const previous = await running();
    const closure = await operator.build({ deployment, host, flake: flakes[which] }, signal);
    await operator.copy(host, closure, { deployment }, signal);
    const activate = () => operator.activate(host, closure, { deployment, previous, confirmWithinSeconds }, signal);
    await activate();
    const confirm = (activation: "switch" | "test" | "boot" = "switch") =>
      operator.confirm(host, closure, { deployment, activation }, signal);
    const revert = () => operator.revert(host, previous, { deployment, closure }, signal);
    return { deployment, previous, closure, activate, confirm, revert };
  };

  test(
    "the same flake is the same system, another one another",
    async () => {
      const { operator, host, flakes } = on;
      const build = (flake: Flake) => operator.build({ deployment: "b", host, flake }, signal);
      const closure = await build(flakes[0]);
      expect(await build(flakes[0])).toBe(closure);
      expect(await build(flakes[1])).not.toBe(closure);
    },
    timeout,
  );

  test(
    "what is activated runs, and boots once it is confirmed; every step can be repeated",
    async () => {
      const { previous, closure, activate, confirm } = await activated(0);
      expect(closure).not.toBe(previous);
      await activate();
      expect(await running()).toBe(closure);
      expect(await booting()).toBe(previous);
      await confirm();
      await confirm();
      expect([await running(), await booting()]).toEqual([closure, closure]);
      expect(await on.operator.check(on.host, on.well, signal)).toEqual({ ok: true });
      expect(await on.operator.check(on.host, on.ill, signal)).toMatchObject({ ok: false, detail: expect.any(String) });
    },
    timeout,
  );

  test(
    "what is not confirmed in time goes back by itself, and cannot be confirmed any more",
    async () => {
      const { previous, closure, confirm } = await activated(1, on.goesBackAfter);
      while ((await running()) === closure) await new Promise((wake) => setTimeout(wake, 200));
      expect([await running(), await booting()]).toEqual([previous, previous]);
      await expect(confirm()).rejects.toMatchObject({ name: "StepFailed" });
    },
    timeout,
  );

  test(
    "what was confirmed is undone for good",
    async () => {
      const { previous, confirm, revert } = await activated(1);
      await confirm();
      expect(await revert()).toBe(previous);
      expect(await revert()).toBe(previous);
      expect([await running(), await booting()]).toEqual([previous, previous]);
    },
    timeout,
  );

  test(
    "a system that is tried does not boot, and one that boots does not run yet",
    async () => {
      const tried = await activated(1);
      await tried.confirm("test");
      expect([await running(), await booting()]).toEqual([tried.closure, tried.previous]);
      expect(await tried.revert()).toBe(tried.previous);
      const { operator, host } = on;
      await operator.confirm(host, tried.closure, { deployment: "boot", activation: "boot" }, signal);
      expect([await running(), await booting()]).toEqual([tried.previous, tried.closure]);
      await operator.revert(host, tried.previous, { deployment: "boot", closure: tried.closure }, signal);
      expect([await running(), await booting()]).toEqual([tried.previous, tried.previous]);
    },
    timeout,
  );

  test(
    "a host that does not answer is unreachable, and is as it was when it answers again",
    async () => {
      const before = await running();
      await on.cut();
      await expect(running()).rejects.toMatchObject({ name: "HostUnreachable" });
      await expect(on.operator.observe(on.host, signal)).rejects.toMatchObject({ name: "HostUnreachable" });
      await on.heal();
      expect(await running()).toBe(before);
    },
    timeout,
  );

  test("an operation that is called off ends soon", async () => {
    await expect(on.operator.current(on.host, AbortSignal.abort(new Error("called off")))).rejects.toThrow(
      "called off",
    );
  });
};
