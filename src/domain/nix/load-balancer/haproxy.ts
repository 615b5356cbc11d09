import { addressFamily } from "../../graph/addresses.ts";
import { hostInUrl } from "../host/network.ts";
import { type Backend, type Balancing, certificateName, certificateVariable } from "./specification.ts";

/**
 * The text of a configuration (https://docs.haproxy.org). Free text of the graph stands in it as single words, in which
 * every character that HAProxy could read as syntax is escaped.
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

/** A time for HAProxy, in milliseconds. The longest is a day, since HAProxy refuses more than some weeks. */
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
  // HAProxy starts even if a name cannot be looked up yet.
  "default-server init-addr last,libc,none",
];

const isName = ({ address }: { readonly address: string }): boolean => addressFamily(address) === undefined;

/** Looks names up again and again. An address stays until another one is found. */
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
  `ssl crt "\${${certificateVariable}}/${certificateName}" ssl-min-ver TLSv1.2${mode === "http" ? " alpn h2,http/1.1" : ""}`;

/** A condition on a name. A name that begins with `*.` stands for all names below it. */
const named = (sample: string, name: string): string =>
  name.startsWith("*.")
    ? `{ ${sample} -m end -i -- ${word(name.slice(1))} }`
    : `{ ${sample} -m str -i -- ${word(name)} }`;

const onlyHost = (name: string): ReadonlyArray<string> => [
  `http-request deny deny_status 421 unless ${named("req.hdr(host),host_only", name)}`,
];

/** Only a connection that begins with TLS names a server. TLS ends here, or is passed through to the backend. */
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

/** Each replica of each target. Its health is tracked in the section that checks the target. */
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

/** A section of its own for each target, since HAProxy requests one path of all servers of a section. */
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

/** The same request that the service's own host makes. */
const httpCheck = (path: string, port: number): ReadonlyArray<string> => [
  "option httpchk",
  `http-check send meth GET uri ${word(requestTarget(path))} ver HTTP/1.1 hdr Host 127.0.0.1:${port}`,
];

/** A path that may stand in a request line: without a fragment, and without characters that end the line. */
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

/** The largest weight of a server of HAProxy. */
const heaviest = 256;

/**
 * Integers from 1 to 256 in the proportion of some positive numbers. They are the smallest that keep the proportion
 * exactly. If there are none, they are the nearest, with 256 for the largest.
 */
export const integerWeights = (weights: ReadonlyArray<number>): ReadonlyArray<number> => {
  const largest = Math.max(...weights);
  const parts = weights.map((weight) => weight / largest);
  const isExact = (scale: number) =>
    parts.every((part) => part * scale >= 0.5 && Math.abs(part * scale - Math.round(part * scale)) < 1e-9);
  let scale = 1;
  while (scale < heaviest && !isExact(scale)) scale += 1;
  return parts.map((part) => Math.max(1, Math.round(part * scale)));
};
