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

/** The certificate in use, and the one that is checked. A folder of the program shows whose they have to be. */
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

/** Copies the certificate, runs commands that look at the copy, and puts it in its place. `+` runs a command as root. */
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

/** HAProxy's own check of the configuration and of the certificate that will be in use. */
const check = ({ id, credentials }: LoadBalancerSpecification, file: string): Expression => {
  const args = ["-c", "-f", file];
  if (credentials[certificateName] === undefined) return commandLine(program, args);
  const folder = `${certificateVariable}=${certificateFolders(id).next}`;
  return commandLine(interpolation(reference("pkgs", "coreutils"), "/bin/env"), [folder, program, ...args]);
};

/**
 * What fails its check fails the reload, and the program goes on with what it has. A certificate in the credentials of
 * systemd would be the one of the start, and with a systemd of before 2026 a reload could not read it at all.
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
