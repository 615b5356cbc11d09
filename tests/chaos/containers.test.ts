import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Fault, faultsUnderLoad } from "../../benchmarks/support/faults-under-load.ts";
import { type ContainerInstallation, type Machine, startContainers } from "../support/containers/cluster.ts";
import { describeWithContainers } from "../support/containers/describe.ts";

/** Longer than an election takes. */
const elected = 6_000;

/** What happens to a machine, and is mended. */
const happenings: ReadonlyArray<(machine: Machine) => Promise<void>> = [
  async ({ kill, start }) => {
    await kill();
    await sleep(1_000);
    await start();
  },
  async ({ freeze, thaw }) => {
    await freeze();
    await sleep(elected);
    await thaw();
  },
  async ({ cut, mend }) => {
    await cut();
    await sleep(elected);
    await mend();
  },
  async ({ slow, mend }) => {
    await slow(100);
    await sleep(3_000);
    await mend();
  },
];

const shuffled = <A>(all: ReadonlyArray<A>, random: () => number): Array<A> =>
  all
    .map((one) => ({ one, at: random() }))
    .toSorted((left, right) => left.at - right.at)
    .map(({ one }) => one);

describeWithContainers("three nats-servers and two backends in containers, on networks of their own", () => {
  let installation: ContainerInstallation;
  beforeAll(async () => {
    installation = await startContainers();
  });
  afterAll(() => installation?.dispose());

  test("whatever happens to a server and a backend at a time: nothing acknowledged is lost or doubled, and each reads what it wrote", async () => {
    const { cluster, backends } = installation;
    const one = <A>(of: ReadonlyArray<A>, random: () => number): A => {
      const [first] = shuffled(of, random);
      if (first === undefined) throw new Error("there is none");
      return first;
    };
    /** Every second time it is the server that leads the log. */
    const anyServer = async (random: () => number) =>
      random() < 0.5 ? await cluster.leaderOf("CIM_EVENTS") : one(cluster.servers, random);
    let forBackends: typeof happenings = [];
    const withOneOfABackend =
      (toServer: (machine: Machine) => Promise<void>): Fault =>
      async (random) => {
        if (forBackends.length === 0) forBackends = shuffled(happenings, random);
        const [toBackend, ...others] = forBackends;
        forBackends = others;
        const backend = one(backends, random);
        const server = await anyServer(random);
        await Promise.all([toServer(server), toBackend?.(backend)]);
      };
    const { seed, findings, unanswered } = await faultsUnderLoad(cluster, "cim", {
      ...Object.fromEntries(happenings.map((toServer, index) => [`${index}`, withOneOfABackend(toServer)])),
      "everything is killed at once": async () => {
        const all = [...cluster.servers, ...backends];
        await Promise.all(all.map(({ kill }) => kill()));
        await Promise.all(all.map(({ start }) => start()));
      },
    });
    expect({ seed, findings, unanswered }).toEqual({ seed, findings: [], unanswered: [] });
  });
});
