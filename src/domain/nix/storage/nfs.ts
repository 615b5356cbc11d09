import type { HostNode } from "../../graph/node.ts";
import { byText } from "../../graph/order.ts";
import { attributes, type Binding, binding, boolean, string, strings } from "../language/expression.ts";

/** Who all clients of an exported folder are there: users of other hosts mean nothing on this one. */
export const squashedUser = "nobody";

/** A folder that other hosts mount. */
export interface NfsExport {
  readonly path: string;
  /** The unit that prepares it. */
  readonly unit: string;
  readonly clients: ReadonlyArray<{ readonly host: Pick<HostNode, "id" | "address">; readonly readOnly: boolean }>;
}

/** A path in exports(5): whatever could mean something there is written as an octal number. */
const exportPath = (path: string): string =>
  path.replaceAll(
    /[^A-Za-z0-9_./\u0080-\u{10ffff}-]/gu,
    (found) => `\\${found.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );

const exportLine = ({ path, clients }: NfsExport): string =>
  [
    exportPath(path),
    ...clients.map(
      ({ host, readOnly }) => `${host.address}(${readOnly ? "ro" : "rw"},sync,all_squash,no_subtree_check)`,
    ),
  ].join(" ");

/** The server of NFS 4, which needs one port; its folders are there before it looks. */
export const nfsOptions = (exports: ReadonlyArray<NfsExport>): ReadonlyArray<Binding> => {
  if (exports.length === 0) return [];
  const units = exports.map(({ unit }) => unit);
  return [
    binding("services.nfs.server.enable", boolean(true)),
    binding(
      "services.nfs.server.exports",
      string(
        exports
          .toSorted(byText(({ path }) => path))
          .map((folder) => `${exportLine(folder)}\n`)
          .join(""),
      ),
    ),
    binding("services.nfs.settings.nfsd.vers3", boolean(false)),
    binding(
      "systemd.services.nfs-server",
      attributes([binding("after", strings(units)), binding("wants", strings(units))]),
    ),
  ];
};
