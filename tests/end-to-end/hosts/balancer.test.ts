import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { describeWithMachines } from "../../support/machines/describe.ts";
import { httpService } from "../../support/machines/programs.ts";
import { type Fleet, fleet, type GraphFile, hostNode } from "./fleet.ts";

const minute = 60_000;
const succeeded = { code: 0, status: "succeeded", detail: undefined };

describeWithMachines("a load balancer with TLS", () => {
  let all: Fleet;
  const run = (command: string) => all.machines.get("solo").run(command);
  const certificate = (name: string) =>
    run(`mkdir -p /var/lib/tls; cd /var/lib/tls; umask 077
      openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=${name} 2>/dev/null`);
  const shown = () => run("echo | openssl s_client -connect 127.0.0.1:8443 2>/dev/null | openssl x509 -noout -subject");
  const reload = () => run("systemctl reload edge.service; echo $?");
  const requestsOf = (unit: string) =>
    run(`journalctl --no-pager --quiet -o cat -u ${unit} | grep -c 'GET /os-release' || true`);

  const shop = (...ports: ReadonlyArray<number>): GraphFile => ({
    id: "shop",
    nodes: [
      hostNode(all.machines, "solo"),
      {
        id: "edge",
        type: "load-balancer",
        strategy: "round-robin",
        port: 8443,
        public: true,
        tls: { certificateFile: "/var/lib/tls/cert.pem", keyFile: "/var/lib/tls/key.pem" },
      },
      ...ports.map((port) => ({ ...httpService(`site${port}`, port), public: false })),
    ],
    edges: [
      { from: "edge", to: "solo", type: "runs-on" },
      ...ports.flatMap((port) => [
        { from: `site${port}`, to: "solo", type: "runs-on" },
        { from: "edge", to: `site${port}`, type: "load-balances" },
      ]),
    ],
  });

  beforeAll(async () => {
    all = await fleet(["solo"]);
    await all.up();
    await certificate("one");
    expect(await all.deploy(shop(8080))).toMatchObject(succeeded);
  }, 12 * minute);
  afterAll(() => all?.dispose(), minute);

  test(
    "takes up another target without a restart",
    async () => {
      const process = await run("systemctl show -p MainPID --value edge.service");
      expect(await run("curl -ksS https://127.0.0.1:8443/os-release")).toContain("Debian");
      expect(await all.deploy(shop(8080, 8081))).toMatchObject(succeeded);
      expect(await run("systemctl show -p MainPID --value edge.service")).toBe(process);
      const asked = async () => {
        await run("for i in 1 2 3 4; do curl -ksS -o /dev/null https://127.0.0.1:8443/os-release; done");
        // The checks of health request it too, and never from the balancer's frontend.
        return run("journalctl --no-pager --quiet -o cat -u edge.service | grep -c 'targets/site8081.solo' || true");
      };
      while (Number(await asked()) === 0);
      expect(Number(await requestsOf("site8081.service"))).toBeGreaterThan(0);
    },
    4 * minute,
  );

  test(
    "takes up a renewed certificate, and not one that HAProxy refuses",
    async () => {
      await certificate("two");
      expect(await reload()).toBe("0");
      while (!(await shown()).includes("two"));
      await run("echo rubbish >/var/lib/tls/cert.pem");
      expect(await reload()).not.toBe("0");
      expect(await shown()).toContain("two");
      expect(await run("systemctl is-active edge.service")).toBe("active");
    },
    2 * minute,
  );

  test(
    "fails the deployment whose reload fails, and keeps what it had",
    async () => {
      const failed = await all.deploy(shop(8080));
      const detail = expect.stringContaining("edge.service");
      expect(failed).toMatchObject({ status: "rolled-back", detail });
      expect(await shown()).toContain("two");
    },
    4 * minute,
  );
});
