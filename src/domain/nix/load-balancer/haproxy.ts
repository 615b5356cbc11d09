import { addressFamily } from "../../graph/addresses.ts";
import { hostInUrl } from "../host/network.ts";
import { type Backend, type Balancing, certificateName, certificateVariable } from "./specification.ts";

/**
 * Returns the text of a configuration (https://docs.haproxy.org). Free text from the graph becomes single words, in
 * which every character that HAProxy could read as syntax is escaped.
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

/** Returns a word that HAProxy reads as exactly this text. */
const word = (text: string): string =>
  [...new TextEncoder().encode(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9_./:@%+=~?&-]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");

/**
 * Returns a time for HAProxy, in milliseconds. The longest time is a day, because HAProxy refuses more than some weeks.
 */
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
  // This lets HAProxy start even if a name cannot be looked up yet.
  "default-server init-addr last,libc,none",
];

const isName = ({ address }: { readonly address: string }): boolean => addressFamily(address) === undefined;

/** Returns the section that makes HAProxy look names up repeatedly. An address stays until another one is found. */
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

/** Returns a condition on a name. A name that begins with `*.` matches all names below it. */
const named = (sample: string, name: string): string =>
  name.startsWith("*.")
    ? `{ ${sample} -m end -i -- ${word(name.slice(1))} }`
    : `{ ${sample} -m str -i -- ${word(name)} }`;

const onlyHost = (name: string): ReadonlyArray<string> => [
  `http-request deny deny_status 421 unless ${named("req.hdr(host),host_only", name)}`,
];

/**
 * Returns the rules for a server name. Only a connection that begins with TLS names a server. TLS ends here or passes
 * through to the backend.
 */
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
  // With consistent hashing, most clients keep their server when another server comes or goes.
  "ip-hash": ["balance source", "hash-type consistent"],
  random: ["balance random"],
  weighted: ["balance roundrobin"],
};

const checkName = (node: string): string => `check.${node}`;

const resolved = (replica: { readonly address: string }): string => (isName(replica) ? " resolvers names" : "");

/**
 * Returns a line for each replica of each target. The section that checks the target tracks the health of the replica.
 */
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

/** Returns a separate section for each target, because HAProxy requests one path from all servers of a section. */
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

/** Returns the same request that the service's own host makes. */
const httpCheck = (path: string, port: number): ReadonlyArray<string> => [
  "option httpchk",
  `http-check send meth GET uri ${word(requestTarget(path))} ver HTTP/1.1 hdr Host 127.0.0.1:${port}`,
];

/** Returns a path that may be in a request line: without a fragment, and without characters that end the line. */
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

/** The largest weight that HAProxy allows for a server. */
const heaviest = 256;

/**
 * Returns integers from 1 to 256 in the proportion of some positive numbers. They are the smallest integers that keep
 * the proportion exactly. If no integers keep it, they are the nearest ones, with 256 for the largest.
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
