import { basename, dirname } from "node:path";
import { makeDirectory } from "../../infrastructure/make-directory.ts";

/** Writes a file as a whole, or not at all. Only its owner may read it. */
export const writePrivateFile = async (path: string, text: string): Promise<void> => {
  const { writeSecret } = await import("../../infrastructure/security/folder.ts");
  await makeDirectory(dirname(path));
  await writeSecret(dirname(path), basename(path), text);
};
