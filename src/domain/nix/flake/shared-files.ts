import { descriptionFile, descriptionModule } from "../host/description.ts";
import { leafFile, leafModule, newMachineFile, newMachineModule } from "../host/leaf.ts";
import { printFile } from "../language/print.ts";
import { hardeningExpression, hardeningFile } from "../unit/hardening.ts";
import { healthExpression, healthFile } from "../unit/health.ts";
import { programFiles, programsExpression, programsFile, programsName } from "../unit/programs.ts";
import { hostFile } from "./outputs.ts";

/** The text of each file of a flake by its path. */
export type Files = Readonly<Record<string, string>>;

/** Returns the files that hosts share. They are the same in all flakes that one version of this program renders. */
export const sharedFiles = (): Files => ({
  [leafFile]: printFile(leafModule),
  [descriptionFile]: printFile(descriptionModule),
  [newMachineFile]: printFile(newMachineModule),
  [hardeningFile]: printFile(hardeningExpression),
  [healthFile]: printFile(healthExpression),
  [programsFile]: printFile(programsExpression),
  ...programFiles,
});

/** Returns the paths of other files that a Nix file names, from the top of the flake. */
const namedIn = (file: string, text: string): ReadonlyArray<string> =>
  [...text.matchAll(/(?<![^\s(])\.\.?\/[\w./+-]+/g)].map(([path]) =>
    new URL(path, `file:///${file}`).pathname.slice(1),
  );

/** Returns the definition of a program in {@link programsFile}, with the files that it reads. */
const programIn = (files: Files, attribute: string): readonly [path: string, text: string] | undefined => {
  const [definition] = new RegExp(`^  ${attribute} = [^]*?^  };$`, "m").exec(files[programsFile] ?? "") ?? [];
  if (definition === undefined) return undefined;
  const paths = namedIn(programsFile, definition);
  return [paths[0] ?? attribute, [definition, ...paths.map((path) => files[path] ?? "")].join("\n")];
};

/**
 * Returns the texts of a flake that a host's system is built from, by their paths: its module, what that imports, and
 * each program that these use. Other hosts and unused programs are left out, because otherwise every change of a flake
 * would look like a change of all hosts. The operator's files are left out too, because a host knows their digests.
 */
export const textsOfHost = (host: string, files: Files): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>();
  const used = new Set<string>();
  const add = (path: string): void => {
    const text = Object.hasOwn(files, path) ? files[path] : undefined;
    if (text === undefined || texts.has(path) || path === programsFile || path.startsWith("base/")) return;
    texts.set(path, text);
    for (const [, attribute = ""] of text.matchAll(new RegExp(`\\b${programsName}\\.(\\w+)`, "g"))) used.add(attribute);
    for (const named of namedIn(path, text)) add(named);
  };
  add(hostFile(host));
  for (const attribute of used) {
    const program = programIn(files, attribute);
    if (program !== undefined) texts.set(...program);
  }
  return texts;
};
