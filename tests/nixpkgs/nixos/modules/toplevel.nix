# The system of a host: what is built, copied to it and activated.
{
  lib,
  config,
  pkgs,
  verified,
  ...
}:
let
  inherit (config.system) build;

  # Files by their names, as `write-files.sh` reads them.
  blocks =
    texts:
    lib.concatStrings (
      lib.mapAttrsToList (name: text: "${toString (lib.stringLength text)} ${name}\n${text}") texts
    );

  files = lib.attrValues build.etc;
  isText = { text, ... }: text != null;
  written = lib.listToAttrs (
    map (file: lib.nameValuePair "etc/${file.target}" file.text) (lib.filter isText files)
  );
  linked = lib.concatMapStrings (file: "${file.source}\t${file.target}\n") (
    lib.filter (file: !isText file) files
  );

  device = mount: if mount.device != null then mount.device else "/dev/disk/by-label/${mount.label}";

  # Files that are copied, since programs want them to be of a mode or a user.
  copied = lib.concatMapStrings (
    file: "${file.target}\t${file.mode}\t${owner file.user}\t${owner file.group}\n"
  ) (lib.filter ({ mode, ... }: mode != "symlink") files);
  # Ids are written as `+0`.
  owner = lib.removePrefix "+";

  folder = name: unit: if unit.isPart then "${name}.d/overrides.conf" else name;
  texts = lib.mapAttrs' (name: unit: lib.nameValuePair (folder name unit) unit.text) (
    lib.filterAttrs (_: { enable, ... }: enable) build.units
  );
  masked = lib.attrNames (lib.filterAttrs (_: { enable, ... }: !enable) build.units);
  links =
    kind: option:
    lib.concatLists (
      lib.mapAttrsToList (
        name: unit:
        map (target: "${target}.${kind}/${name}") (
          lib.optionals (unit.enable && !unit.isPart) unit.${option}
        )
      ) build.units
    );

  units =
    pkgs.runCommand "system-units"
      {
        texts = blocks texts;
        links = links "wants" "wantedBy" ++ links "requires" "requiredBy" ++ links "upholds" "upheldBy";
        inherit masked;
        aliases = lib.concatLists (
          lib.mapAttrsToList (name: unit: map (alias: "${name}:${alias}") unit.aliases) build.units
        );
        passAsFile = [ "texts" ];
      }
      ''
        mkdir -p $out
        cd $out
        bash ${../write-files.sh} < "$textsPath"
        for unit in $masked; do ln -s /dev/null "$unit"; done
        for link in $links; do
          mkdir -p "$(dirname "$link")"
          ln -s "../$(basename "$link")" "$link"
        done
        for alias in $aliases; do ln -s "''${alias%%:*}" "''${alias#*:}"; done
      '';

  software = pkgs.buildEnv {
    name = "system-path";
    paths = config.environment.systemPackages;
  };

  # The same file for all systems of a release, as long as nobody takes another kernel.
  kernel = pkgs.runCommand "linux-${config.system.nixos.release}" { } "echo kernel > $out";

  # What sets up the boot loader. The machines of tests have none; a deployer reads the name of this program.
  loader = config.boot.loader;
  installer =
    if loader.systemd-boot.enable then
      pkgs.writeText "systemd-boot" ""
    else if loader.grub.enable then
      pkgs.writeText "install-grub.sh" ""
    else
      "";

  toplevel =
    pkgs.runCommand "nixos-system-${config.networking.hostName}-${config.system.nixos.release}"
      {
        inherit linked copied;
        written = blocks written;
        sshd = build.sshd or "";
        inherit (build) nftables;
        fstab = lib.concatStrings (
          lib.mapAttrsToList (
            _: mount:
            "${device mount} ${mount.mountPoint} ${mount.fsType} ${lib.concatStringsSep "," mount.options}\n"
          ) config.fileSystems
        );
        activate = builtins.readFile ../activate.sh;
        script = builtins.readFile ../switch-to-configuration.sh;
        passAsFile = [
          "linked"
          "written"
          "copied"
          "sshd"
          "nftables"
          "fstab"
          "activate"
          "script"
        ];
      }
      ''
        mkdir -p $out/bin $out/etc/systemd
        ln -s ${units} $out/etc/systemd/system
        (cd $out; bash ${../write-files.sh} < "$writtenPath")
        while IFS=$'\t' read -r source name; do
          mkdir -p "$(dirname "$out/etc/$name")"
          ln -s "$source" "$out/etc/$name"
        done < "$linkedPath"
        ln -s ${software} $out/sw
        ln -s ${kernel} $out/kernel
        cp "$copiedPath" $out/etc-modes
        cp "$sshdPath" $out/sshd_config
        cp "$nftablesPath" $out/nftables.nft
        cp "$fstabPath" $out/fstab
        printf %s ${lib.escapeShellArg "${config.system.nixos.release}.${config.system.nixos.label}"} > $out/nixos-version
        printf %s ${pkgs.system} > $out/system
        sed "s|@toplevel@|$out|g" "$activatePath" > $out/activate
        sed "s|@toplevel@|$out|g; s|@installer@|${installer}|" "$scriptPath" > $out/bin/switch-to-configuration
        for script in $out/activate $out/bin/switch-to-configuration; do
          chmod +x $script
          bash -n $script
        done
      '';

  failed = map ({ message, ... }: message) (
    lib.filter ({ assertion, ... }: !assertion) config.assertions
  );
in
{
  system.build.toplevel = lib.throwIf (failed != [ ]) (
    "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (message: "- ${message}") failed}"
  ) (builtins.seq verified (lib.foldr lib.warn toplevel config.warnings));
}
