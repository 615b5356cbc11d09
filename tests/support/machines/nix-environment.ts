import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Where a flake's inputs come from in tests, as `cim graph render --pin INPUT=REFERENCE` takes them: our stand-ins. */
const standIn = fileURLToPath(new URL("../../nixpkgs", import.meta.url));
export const pins = {
  nixpkgs: `path:${standIn}`,
  colmena: `path:${standIn}/colmena`,
  "deploy-rs": `path:${standIn}/deploy-rs`,
} as const;

/**
 * Variables with which plain `nix build FLAKE#…` and `nix copy --to ssh-ng://ADDRESS` work without a network, in a store of
 * the run: paths begin with /nix/store, their files are below `folder/nix/store`, the /nix of this machine is left alone.
 */
export const nixVariables = (folder: string, sshConfig: string): Readonly<Record<string, string>> => ({
  NIX_REMOTE: folder,
  NIX_SSHOPTS: `-F ${sshConfig}`,
  NIX_CONFIG: [
    "experimental-features = nix-command flakes",
    "substituters =",
    "flake-registry =",
    "max-jobs = auto",
    "fsync-metadata = false",
    "build-users-group =",
    // A store elsewhere needs the sandbox, which shows builders the programs of this machine.
    "sandbox = true",
    "sandbox-paths = /bin /lib /lib64 /usr /etc",
  ].join("\n"),
  XDG_CACHE_HOME: join(folder, "cache"),
});

const flakeOf = (names: ReadonlyArray<string>, system: string): string => `{
  inputs.nixpkgs.url = "${pins.nixpkgs}";
  outputs = { nixpkgs, ... }: {
    systems = nixpkgs.lib.genAttrs ${JSON.stringify(names).replaceAll(",", " ")} (name:
      (nixpkgs.lib.nixosSystem {
        modules = [
          {
            nixpkgs.hostPlatform = "${system}";
            networking.hostName = name;
            boot.loader.grub.device = "nodev";
            fileSystems."/" = { device = "/dev/root"; fsType = "ext4"; };
          }
        ];
      }).config.system.build.toplevel);
  };
}
`;

/** Builds systems that do nothing but have a name, by their names: what a machine is before anything is deployed to it. */
export const firstSystems = async (
  names: ReadonlyArray<string>,
  folder: string,
  variables: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, string>> => {
  await mkdir(folder, { recursive: true });
  const system = process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux";
  await writeFile(join(folder, "flake.nix"), flakeOf(names, system));
  const { stdout } = await promisify(execFile)(
    "nix",
    ["build", "--json", "--no-link", ...names.map((name) => `path:${folder}#systems.${name}`)],
    { env: { ...process.env, ...variables } },
  );
  const built: ReadonlyArray<{ readonly outputs: { readonly out: string } }> = JSON.parse(stdout);
  // Nix lists them in an order of its own.
  return new Map(built.map(({ outputs: { out } }) => [/-nixos-system-(.*)-[^-]*$/.exec(out)?.[1] ?? "", out] as const));
};
