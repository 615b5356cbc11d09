import { attributes, type Binding, binding, string, strings } from "../language/expression.ts";
import { commandLine } from "../unit/command-line.ts";
import { programPath } from "../unit/programs.ts";
import { taskOptions } from "../unit/task.ts";
import { addressSets, type Path } from "./network.ts";

const unit = "cim-firewall-names";

/** The sets of nixos-fw that hold the addresses of hosts which are known by DNS names. */
const setsText = (hosts: ReadonlyArray<Pick<Path, "host">>): string =>
  hosts
    .flatMap(({ host }) => {
      const { v4, v6 } = addressSets(host);
      return [`set ${v4} { type ipv4_addr; }\n`, `set ${v6} { type ipv6_addr; }\n`];
    })
    .join("");

/**
 * The firewall knows addresses, not names: hosts with DNS names are looked up when it starts and every minute, and get
 * in by the addresses found. Until then they stay out.
 */
export const nameOptions = (hosts: ReadonlyArray<Pick<Path, "host" | "address">>): ReadonlyArray<Binding> =>
  hosts.length === 0
    ? []
    : [
        binding(["networking", "nftables", "tables", "nixos-fw", "content"], string(setsText(hosts))),
        taskOptions({
          name: unit,
          description: "Looks up the hosts that the firewall lets in by name",
          settings: [
            binding("wantedBy", strings(["multi-user.target", "nftables.service"])),
            binding("after", strings(["network-online.target", "nftables.service"])),
            binding("wants", strings(["network-online.target"])),
          ],
          command: commandLine(
            programPath("resolveNames"),
            hosts.flatMap(({ host, address }) => [host, address]),
          ),
        }),
        binding(
          ["systemd", "timers", unit],
          attributes([
            binding("wantedBy", strings(["timers.target"])),
            binding(
              "timerConfig",
              attributes([binding("OnUnitInactiveSec", string("1min")), binding("OnBootSec", string("1min"))]),
            ),
          ]),
        ),
      ];
