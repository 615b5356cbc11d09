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
import { programPath } from "../unit/programs.ts";
import { orderingBindings, serviceConfigBindings, startTimeoutBindings } from "../unit/systemd.ts";
import { haproxyText } from "./haproxy.ts";
import { certificateName, certificateVariable, keyName, type LoadBalancerSpecification } from "./specification.ts";

const program: Expression = interpolation(reference("pkgs", "haproxy"), "/bin/haproxy");

/**
 * Returns the unit of a load balancer, and its configuration. The file has a fixed path, so that a change only reloads
 * the program.
 */
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

/**
 * Returns the folders of the certificate in use and of the certificate that is checked. A folder of the program shows
 * which user must own them.
 */
const certificateFolders = (id: string) => {
  const folder = `/run/cim-tls/${unitName(id)}`;
  return { now: `${folder}/now`, next: `${folder}/next`, owned: `cim-${unitName(id)}` };
};

const certificateBindings = ({ id, credentials }: LoadBalancerSpecification): ReadonlyArray<Binding> => {
  if (credentials[certificateName] === undefined) return [];
  const { now, owned } = certificateFolders(id);
  return [
    binding("RuntimeDirectory", string(owned)),
    binding("Environment", strings([`${certificateVariable}=${now}`])),
  ];
};

/**
 * Returns steps that copy the certificate, run commands that examine the copy, and then put it in place. `+` runs a
 * command as root.
 */
const certificateSteps = (
  { id, credentials }: Pick<LoadBalancerSpecification, "id" | "credentials">,
  between: ReadonlyArray<Expression>,
): ReadonlyArray<Expression> => {
  const { [certificateName]: certificate, [keyName]: key } = credentials;
  if (certificate === undefined || key === undefined) return between;
  const { now, next, owned } = certificateFolders(id);
  return [
    commandLine(programPath("stageCertificate", "+"), [next, certificate, key, `/run/${owned}`]),
    ...between,
    commandLine(programPath("takeCertificate", "+"), [next, now]),
  ];
};

/** Returns HAProxy's own check of the configuration and of the certificate that will be in use. */
const check = ({ id, credentials }: LoadBalancerSpecification, file: string): Expression => {
  const args = ["-c", "-f", file];
  if (credentials[certificateName] === undefined) return commandLine(program, args);
  const folder = `${certificateVariable}=${certificateFolders(id).next}`;
  return commandLine(interpolation(reference("pkgs", "coreutils"), "/bin/env"), [folder, program, ...args]);
};

/**
 * Returns the service settings. If the check fails, the reload fails, and the program continues with its old
 * configuration. The certificate is not a systemd credential: a credential keeps its content from the start, and before
 * 2026 systemd did not let a reload read it at all.
 */
const serviceConfig = (specification: LoadBalancerSpecification, file: string): ReadonlyArray<Binding> => {
  const { id, unit } = specification;
  return [
    ...serviceConfigBindings(unit, certificateSteps(specification, [])),
    // The unit counts as started when HAProxy listens.
    binding("Type", string("notify")),
    ...certificateBindings(specification),
    binding("ExecStart", commandLine(program, ["-Ws", "-f", file])),
    binding(
      "ExecReload",
      list([
        ...certificateSteps(specification, [check(specification, file)]),
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
  ];
};
