import { addressFamily } from "../../graph/addresses.ts";
import type { AdoptableHost, Placed } from "../../host/adoptable.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  integer,
  list,
  string,
  strings,
} from "../language/expression.ts";
import type { Part } from "./part.ts";

/** Whether a server is the host's own resolver. Its upstream servers are configured elsewhere. */
const isLocal = (server: string): boolean => server.startsWith("127.") || server === "::1";

const addressValue = (placed: string): Expression => {
  const [address = "", length = ""] = placed.split("/");
  return attributes([
    binding("address", string(address)),
    binding("prefixLength", integer(Number(length || (addressFamily(address) === 6 ? 128 : 32)))),
  ]);
};

const familyOf = (address: string) => addressFamily(address.replace(/\/\d+$/, ""));

const interfaceOptions = (name: string, { addresses, dynamic }: AdoptableHost): ReadonlyArray<Binding> => {
  const own = addresses.filter((one) => one.interface === name).map(({ address }) => address);
  const of = (family: 4 | 6) => own.filter((address) => familyOf(address) === family);
  return [
    ...([4, 6] as const).flatMap((family) =>
      of(family).length === 0
        ? []
        : [
            binding(
              ["networking", "interfaces", name, `ipv${family}`, "addresses"],
              list(of(family).map(addressValue)),
            ),
          ],
    ),
    // DHCP would give it a second address, or another default route.
    ...(own.length > 0 && !dynamic.includes(name)
      ? [binding(["networking", "interfaces", name, "useDHCP"], boolean(false))]
      : []),
  ];
};

const gatewayOption = (gateways: ReadonlyArray<Placed>, family: 4 | 6): ReadonlyArray<Binding> => {
  const gateway = gateways.find(({ address }) => familyOf(address) === family);
  if (gateway === undefined) return [];
  return [
    binding(
      family === 4 ? "networking.defaultGateway" : "networking.defaultGateway6",
      attributes([binding("address", string(gateway.address)), binding("interface", string(gateway.interface))]),
    ),
  ];
};

/** Returns the options for the static addresses, default routes and name servers that the host has now. */
export const adoptedNetwork = (host: AdoptableHost): Part => {
  const { addresses, gateways, madeInterfaces, nameservers, networkManager, networkd, kernelParameters } = host;
  const made = madeInterfaces.map(
    ({ name, kind }) =>
      `the interface ${name} (${kind}): declare how it is made, such as by \`networking.${kind}s\` or \`systemd.network\``,
  );
  const names = kernelParameters.includes("net.ifnames=0")
    ? [binding("networking.usePredictableInterfaceNames", boolean(false))]
    : [];
  if (networkManager)
    return {
      options: [...names, binding("networking.networkmanager.enable", boolean(true))],
      missing: [
        ...made,
        "the connections of NetworkManager: they stay in /etc/NetworkManager/system-connections on this host, and are in no file",
      ],
    };
  const makes = new Set(madeInterfaces.map(({ name }) => name));
  const interfaces = [...new Set(addresses.map((one) => one.interface))].filter((name) => !makes.has(name)).sort();
  const servers = nameservers.filter((server) => !isLocal(server));
  const isStatic = interfaces.some((name) => !host.dynamic.includes(name));
  return {
    options: [
      ...names,
      ...(networkd ? [binding("networking.useNetworkd", boolean(true))] : []),
      ...interfaces.flatMap((name) => interfaceOptions(name, host)),
      ...gatewayOption(gateways, 4),
      ...gatewayOption(gateways, 6),
      // Name servers that came with a DHCP lease come again with the next one.
      ...(isStatic && servers.length > 0 ? [binding("networking.nameservers", strings(servers))] : []),
    ],
    missing: [
      ...made,
      ...(isStatic && servers.length === 0
        ? ["name servers: none is in /etc/resolv.conf but the host itself; set `networking.nameservers`"]
        : []),
      ...(gateways.length > 1 && new Set(gateways.map(({ address }) => familyOf(address))).size < gateways.length
        ? [
            `default routes by ${gateways.map(({ address }) => address).join(", ")}: only the first of each family is taken over`,
          ]
        : []),
    ],
  };
};
