import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { identityIn } from "../../contract/credentials.ts";
import { exists } from "../make-directory.ts";
import { files, readInstallation, readKey } from "./folder.ts";

/** A finding in a folder of keys. `wrong` needs a remedy; `note` is for information. */
export interface Finding {
  readonly level: "wrong" | "note";
  readonly text: string;
}

const day = 24 * 3_600_000;
/** The milliseconds before the end of a certificate or of credentials at which a note appears. */
const soon = 7 * day;

const wrong = (text: string): Finding => ({ level: "wrong", text });
const note = (text: string): Finding => ({ level: "note", text });

/** Returns a finding for each file that users other than its owner may read. */
const openFiles = async (folder: string): Promise<ReadonlyArray<Finding>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        return ((await stat(path)).mode & 0o077) === 0
          ? []
          : [wrong(`${path} can be read by others: chmod 600 ${path}`)];
      }),
  );
  return found.flat();
};

const ending = (what: string, at: number, remedy: string): ReadonlyArray<Finding> => {
  const left = at - Date.now();
  if (left > soon) return [];
  return left <= 0
    ? [wrong(`${what} ended at ${new Date(at).toISOString()}: ${remedy}`)]
    : [note(`${what} ends at ${new Date(at).toISOString()}: ${remedy}`)];
};

/** Returns the findings in a folder of keys: readable files, missing or wrong keys, and credentials that end soon. */
export const checkFolder = async (folder: string): Promise<ReadonlyArray<Finding>> => {
  const { keys, signers, users, certificateEndsAt } = await readInstallation(folder);
  const needed: ReadonlyArray<readonly [string, string | undefined]> = [
    [files.seed("operator-signing"), undefined],
    [files.seed("system"), keys.system],
    [files.seed("cim"), keys.cim],
    ...signers.map(({ roles, key }) => [files.signerSeed(roles), key] as const),
  ];
  const seeds = await Promise.all(
    needed.map(async ([file, key]): Promise<ReadonlyArray<Finding>> => {
      const found = await readKey(folder, file).then(
        (pair) => pair.getPublicKey(),
        (error: unknown) => (error instanceof Error ? error : undefined),
      );
      if (typeof found !== "string") return [wrong(found?.message ?? `${file} cannot be read`)];
      return key === undefined || found === key
        ? []
        : [wrong(`${join(folder, file)} is another key than it should be`)];
    }),
  );
  const backend = identityIn(await readFile(join(folder, files.credentials("cim-backend")), "utf8").catch(() => ""));
  return [
    ...(await openFiles(folder)),
    ...seeds.flat(),
    ...((await exists(join(folder, files.seed("operator"))))
      ? [note(`${join(folder, files.seed("operator"))} is still here: keep it elsewhere`)]
      : []),
    ...ending("the certificate of the server", Date.parse(certificateEndsAt), "cim security rotate certificate"),
    ...(backend?.endsAt === undefined
      ? []
      : ending("the file of credentials of the backend", backend.endsAt, "cim security user renew cim-backend")),
    ...users
      .filter(({ revokedAt }) => revokedAt === undefined)
      .flatMap(({ name, endsAt }) =>
        ending(`the file of credentials of ${name}`, Date.parse(endsAt), `cim security user renew ${name}`),
      ),
  ];
};
