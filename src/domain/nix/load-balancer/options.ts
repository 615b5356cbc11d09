import {
  attributes,
  type Binding,
  binding,
  type Expression,
  integer,
  interpolation,
  list,
  merge,
  reference,
  string,
  strings,
} from "../language/expression.ts";
import { commandLine } from "../unit/command-line.ts";
import { hardening } from "../unit/hardening.ts";
import { unitName } from "../unit/names.ts";
import { identityBindings, privilegedPortBindings } from "../unit/program-unit.ts";
import { credentialBindings, orderingBindings, serviceConfigBindings, startTimeoutBindings } from "../unit/systemd.ts";
import { haproxyText } from "./haproxy.ts";
import type { LoadBalancerSpecification } from "./specification.ts";

const program: Expression = interpolation(reference("pkgs", "haproxy"), "/bin/haproxy");

/** The unit of a load balancer, and its configuration. The file has a fixed path, so that a change is a reload. */
export const haproxyOptions = (specification: LoadBalancerSpecification): ReadonlyArray<Binding> => {
  const { id, unit, balancing } = specification;
  const file = `cim/${id}/haproxy.cfg`;
  return [
    binding(["environment", "etc", file, "text"], string(haproxyText(balancing))),
    binding(
      ["systemd", "services", unitName(id)],
      attributes([
        binding("description", string(`${id}, a load balancer of the deployment graph`)),
        binding("wantedBy", strings(["multi-user.target"])),
        ...orderingBindings(unit, ["network-online.target"]),
        binding("reloadTriggers", list([reference("config", "environment", "etc", file, "source")])),
        binding("serviceConfig", merge(hardening, attributes(serviceConfig(specification, `/etc/${file}`)))),
      ]),
    ),
  ];
};

const serviceConfig = (specification: LoadBalancerSpecification, file: string): ReadonlyArray<Binding> => {
  const { id, unit, credentials } = specification;
  return [
    ...serviceConfigBindings(unit),
    // The unit counts as started when HAProxy listens.
    binding("Type", string("notify")),
    binding("ExecStart", commandLine(program, ["-Ws", "-f", file])),
    binding(
      "ExecReload",
      list([
        commandLine(program, ["-c", "-f", file]),
        interpolation(reference("pkgs", "coreutils"), "/bin/kill -USR2 $MAINPID"),
      ]),
    ),
    ...startTimeoutBindings(unit),
    binding("KillMode", string("mixed")),
    // The exit status of old workers after a stop or a reload.
    binding("SuccessExitStatus", string("143")),
    binding("Restart", string("always")),
    binding("RestartSec", integer(5)),
    ...identityBindings({ id }),
    ...privilegedPortBindings(specification.bindsPrivilegedPort),
    ...credentialBindings(credentials),
  ];
};
