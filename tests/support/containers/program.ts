import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { GenericContainer } from "testcontainers";

const root = resolve(import.meta.dirname, "../../..");
const imageName = "cim-leaf-test/program:local";

/** Builds an image in which this machine's programs and libraries have their places, and nothing else is. */
const buildImage = async (): Promise<void> => {
  const context = await mkdtemp(join(tmpdir(), "cim-program-image-"));
  try {
    for (const part of ["bin", "lib", "lib64", "sbin"]) await symlink(`usr/${part}`, join(context, part));
    for (const folder of ["etc", "tmp"]) await mkdir(join(context, folder));
    await writeFile(join(context, "etc/passwd"), "root:x:0:0:root:/tmp:/bin/sh\n");
    await writeFile(join(context, "tmp/.keep"), "");
    await writeFile(join(context, "Dockerfile"), "FROM scratch\nCOPY . /\n");
    await GenericContainer.fromDockerfile(context).build(imageName, { deleteOnExit: false });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
};

let image: Promise<void> | undefined;

/**
 * A container for a program of this project as it is checked out, with its Node.js. The programs and libraries of this
 * machine, and the project, are mounted read-only: to copy half a gigabyte into an image would take longer than the test.
 */
export const programContainer = async (program: string, ...args: ReadonlyArray<string>): Promise<GenericContainer> => {
  image ??= buildImage();
  await image;
  // What was compiled on this machine need not be compiled again.
  const compiled = process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), "node-compile-cache");
  await mkdir(compiled, { recursive: true });
  const mounts = [
    ...["/usr", root].map((path) => ({ source: path, target: path, mode: "ro" as const })),
    { source: compiled, target: "/compiled", mode: "rw" as const },
  ];
  return new GenericContainer(imageName)
    .withBindMounts(mounts)
    .withEnvironment({ NODE_COMPILE_CACHE: "/compiled" })
    .withWorkingDir("/tmp")
    .withCommand([join(root, program), ...args])
    .withStartupTimeout(300_000);
};
