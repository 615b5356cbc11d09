import { addressFamily } from "../../graph/addresses.ts";
import { hostInUrl } from "../host/addresses.ts";
import { integerWeights } from "./weights.ts";

/** A service that requests are passed to. */
export interface Backend {
  readonly node: string;
  readonly port: number;
  /** The share of each of its replicas, in proportion to those of the other backends. */
  readonly weight: number;
  /** Without one its replicas count as well, whatever they answer. */
  readonly check?: BackendCheck;
  readonly replicas: ReadonlyArray<{ readonly host: string; readonly address: string }>;
}

export interface BackendCheck {
  /** The path that is asked for; without one a connection is enough. */
  readonly path?: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** How many checks in a row fail before a replica is taken out. */
  readonly failures: number;
}

/** What the configuration of HAProxy says. */
export interface Balancing {
  readonly mode: "http" | "tcp";
  readonly strategy: "round-robin" | "least-connections" | "ip-hash" | "random" | "weighted";
  /** Addresses with ports, as HAProxy binds them. */
  readonly listen: string;
  /** Only what is meant for this name is served. */
  readonly serverName?: string;
  /** Whether TLS ends here. */
  readonly tls: boolean;
  readonly metricsListen?: string;
  readonly backends: ReadonlyArray<Backend>;
}

/** The name under which the program finds its certificate in its credentials; the key is beside it, as HAProxy wants. */
export const certificateName = "tls.pem";
export const keyName = `${certificateName}.key`;

/**
 * The text of a configuration (https://docs.haproxy.org). Free text of the graph is in it as single words, with every
 * character escaped that could mean something there.
 */
export const haproxyText = (balancing: Balancing): string =>
  [
    ...section("global", ["log stdout format raw daemon"]),
    ...section("defaults", defaults(balancing)),
    ...resolvers(balancing),
    ...section("frontend clients", frontend(balancing)),
    ...section("backend targets", [...balance[balancing.strategy], ...servers(balancing)]),
    ...balancing.backends.flatMap(checks),
    ...metrics(balancing),
  ]
    .map((line) => `${line}\n`)
    .join("");

const section = (head: string, lines: ReadonlyArray<string>): ReadonlyArray<string> => [
  head,
  ...lines.map((line) => `  ${line}`),
  "",
];

/** A word that HAProxy reads as exactly this text. */
const word = (text: string): string =>
  [...new TextEncoder().encode(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9_./:@%+=~?&-]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");

/** HAProxy counts times in milliseconds, up to some weeks. */
const time = (seconds: number): string => `${Math.round(Math.min(Math.max(seconds, 0.01), 86_400) * 1000)}ms`;

const defaults = ({ mode }: Balancing): ReadonlyArray<string> => [
  `mode ${mode}`,
  "log global",
  `option ${mode}log`,
  "option dontlognull",
  "option redispatch",
  "timeout connect 5s",
  "timeout client 1m",
  "timeout server 1m",
  "timeout tunnel 1h",
  ...(mode === "http" ? ["timeout http-request 10s", "timeout http-keep-alive 10s"] : []),
  // It starts although a name cannot be looked up yet.
  "default-server init-addr last,libc,none",
];

const isName = ({ address }: { readonly address: string }): boolean => addressFamily(address) === undefined;

/** Names are looked up again and again; an address stays until another one is found. */
const resolvers = ({ backends }: Balancing): ReadonlyArray<string> =>
  backends.some(({ replicas }) => replicas.some(isName))
    ? section("resolvers names", [
        "parse-resolv-conf",
        ...["nx", "other", "refused", "timeout", "obsolete"].map((answer) => `hold ${answer} 10d`),
      ])
    : [];

const frontend = ({ mode, listen, tls, serverName }: Balancing): ReadonlyArray<string> => [
  `bind ${listen}${tls ? ` ${tlsParameters(mode)}` : ""}`,
  ...(serverName === undefined ? [] : mode === "http" ? onlyHost(serverName) : onlyServerName(serverName, tls)),
  ...(mode === "http"
    ? ["option forwardfor", "http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]"]
    : []),
  "default_backend targets",
];

const tlsParameters = (mode: Balancing["mode"]): string =>
  `ssl crt "\${CREDENTIALS_DIRECTORY}/${certificateName}" ssl-min-ver TLSv1.2${mode === "http" ? " alpn h2,http/1.1" : ""}`;

/** A condition on a name; one that begins with `*.` means all names below. */
const named = (sample: string, name: string): string =>
  name.startsWith("*.")
    ? `{ ${sample} -m end -i -- ${word(name.slice(1))} }`
    : `{ ${sample} -m str -i -- ${word(name)} }`;

const onlyHost = (name: string): ReadonlyArray<string> => [
  `http-request deny deny_status 421 unless ${named("req.hdr(host),host_only", name)}`,
];

/** Connections say whom they mean only where they begin with TLS, here or, passed through, at the backend. */
const onlyServerName = (name: string, tls: boolean): ReadonlyArray<string> =>
  tls
    ? [`tcp-request content reject unless ${named("ssl_fc_sni", name)}`]
    : [
        "tcp-request inspect-delay 5s",
        `tcp-request content accept if ${named("req.ssl_sni", name)}`,
        "tcp-request content reject",
      ];

const balance: Readonly<Record<Balancing["strategy"], ReadonlyArray<string>>> = {
  "round-robin": ["balance roundrobin"],
  "least-connections": ["balance leastconn"],
  // Consistent: when a server comes or goes, most clients stay where they were.
  "ip-hash": ["balance source", "hash-type consistent"],
  random: ["balance random"],
  weighted: ["balance roundrobin"],
};

const checkName = (node: string): string => `check.${node}`;

const resolved = (replica: { readonly address: string }): string => (isName(replica) ? " resolvers names" : "");

/** Each replica of each target; whether it is well is seen in the section that checks the target. */
const servers = ({ backends }: Balancing): ReadonlyArray<string> => {
  const weights = integerWeights(backends.map(({ weight }) => weight));
  return backends.flatMap(({ node, port, check, replicas }, index) =>
    replicas.map((replica) => {
      const { host, address } = replica;
      const tracked = check === undefined ? "" : ` track ${checkName(node)}/${host}`;
      return `server ${node}.${host} ${hostInUrl(address)}:${port} weight ${weights[index] ?? 1}${tracked}${resolved(replica)}`;
    }),
  );
};

/** A section of its own for each target, since all servers of a section are asked for one path. */
const checks = ({ node, port, check, replicas }: Backend): ReadonlyArray<string> => {
  if (check === undefined) return [];
  const { path, intervalSeconds, timeoutSeconds, failures } = check;
  return section(`backend ${checkName(node)}`, [
    ...(path === undefined ? [] : httpCheck(path, port)),
    `timeout check ${time(timeoutSeconds)}`,
    ...replicas.map(
      (replica) =>
        `server ${replica.host} ${hostInUrl(replica.address)}:${port} ` +
        `check inter ${time(intervalSeconds)} fall ${failures} rise 1${resolved(replica)}`,
    ),
  ]);
};

/** The request that the service's own host makes too. */
const httpCheck = (path: string, port: number): ReadonlyArray<string> => [
  "option httpchk",
  `http-check send meth GET uri ${word(requestTarget(path))} ver HTTP/1.1 hdr Host 127.0.0.1:${port}`,
];

/** A path as a request line may have it: no fragment, and no characters that end it. */
const requestTarget = (path: string): string => {
  const [target = ""] = (path.startsWith("/") ? path : `/${path}`).split("#");
  return [...new TextEncoder().encode(target)]
    .map((byte) =>
      byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");
};

const metrics = ({ metricsListen }: Balancing): ReadonlyArray<string> =>
  metricsListen === undefined
    ? []
    : section("frontend metrics", [
        "mode http",
        "option dontlog-normal",
        `bind ${metricsListen}`,
        "http-request use-service prometheus-exporter if { path /metrics }",
        "http-request deny",
      ]);
