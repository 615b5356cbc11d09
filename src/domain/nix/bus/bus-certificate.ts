import { addressFamily } from "../../graph/addresses.ts";
import type { HostNode } from "../../graph/node.ts";
import {
  attributes,
  type Binding,
  binding,
  interpolation,
  reference,
  string,
  strings,
} from "../language/expression.ts";
import { commandLine } from "../unit/systemd.ts";

/** A certificate that a host makes for itself once: the key never leaves it and is never in the store. */
export interface Certificate {
  /** The unit that makes it, without its suffix, and the folder below `/var/lib` that it is in. */
  readonly name: string;
  /** The unit that needs it. */
  readonly server: string;
  readonly user: string;
  /** The addresses and DNS names that it is good for. */
  readonly subjects: ReadonlyArray<string>;
  /** Key and certificate are in one file. */
  readonly together?: boolean;
}

/** Where a certificate and its key are. */
export const certificateFiles = ({
  name,
  together = false,
}: Pick<Certificate, "name" | "together">): { readonly certificate: string; readonly key: string } =>
  together
    ? { certificate: `/var/lib/${name}/server.pem`, key: `/var/lib/${name}/server.pem` }
    : { certificate: `/var/lib/${name}/server.crt`, key: `/var/lib/${name}/server.key` };

/** What clients know a host by. */
export const subjectsOf = ({ id, address }: HostNode): ReadonlyArray<string> => [
  ...new Set([address, id, "localhost", "127.0.0.1", "::1"]),
];

const alternativeName = (subject: string): string =>
  `${addressFamily(subject) === undefined ? "DNS" : "IP"}:${subject}`;

/** The unit that makes a certificate before the server starts. */
export const certificateUnit = (options: Certificate): Binding => {
  const { name, server, user, subjects } = options;
  const { certificate, key } = certificateFiles(options);
  return binding(
    ["systemd", "services", name],
    attributes([
      binding("description", string(`Makes the certificate of ${server}`)),
      binding("before", strings([server])),
      binding("requiredBy", strings([server])),
      binding("unitConfig.ConditionPathExists", string(`!${certificate}`)),
      binding(
        "serviceConfig",
        attributes([
          binding("Type", string("oneshot")),
          binding("User", string(user)),
          binding("StateDirectory", string(name)),
          binding("StateDirectoryMode", string("0700")),
          binding("UMask", string("0077")),
          binding(
            "ExecStart",
            commandLine(interpolation(reference("pkgs", "openssl"), "/bin/openssl"), [
              ...["req", "-new", "-x509", "-nodes", "-newkey", "rsa:4096", "-days", "3650", "-subj", `/CN=${name}`],
              ...["-addext", `subjectAltName=${subjects.map(alternativeName).join(",")}`],
              ...["-keyout", key, "-out", certificate],
            ]),
          ),
        ]),
      ),
    ]),
  );
};
