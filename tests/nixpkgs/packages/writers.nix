# Files and scripts made of text.
{
  lib,
  pkgs,
  runCommand,
}:
rec {
  writeTextFile =
    {
      name,
      text,
      executable ? false,
      destination ? "",
      checkPhase ? "",
      meta ? { },
      derivationArgs ? { },
      ...
    }:
    runCommand name
      (
        derivationArgs
        // {
          inherit text;
          passAsFile = [ "text" ];
          meta =
            lib.optionalAttrs (executable && destination != "") { mainProgram = baseNameOf destination; }
            // meta;
        }
      )
      ''
        target=$out${lib.escapeShellArg destination}
        mkdir -p "$(dirname "$target")"
        cp "$textPath" "$target"
        ${lib.optionalString executable ''chmod +x "$target"''}
        ${checkPhase}
      '';
  writeText = name: text: writeTextFile { inherit name text; };
  writeTextDir =
    path: text:
    writeTextFile {
      name = baseNameOf path;
      inherit text;
      destination = "/${path}";
    };
  writeScript =
    name: text:
    writeTextFile {
      inherit name text;
      executable = true;
    };
  writeScriptBin =
    name: text:
    writeTextFile {
      inherit name text;
      executable = true;
      destination = "/bin/${name}";
    };

  isShell = ''bash -n "$target"'';
  writeShellScript =
    name: text:
    writeTextFile {
      inherit name;
      executable = true;
      text = "#!${pkgs.runtimeShell}\n${text}\n";
      checkPhase = isShell;
    };
  writeShellScriptBin =
    name: text:
    writeTextFile {
      inherit name;
      executable = true;
      destination = "/bin/${name}";
      text = "#!${pkgs.runtimeShell}\n${text}\n";
      checkPhase = isShell;
    };
  # Read by shellcheck as well where the machine has it, as nixpkgs does.
  writeShellApplication =
    {
      name,
      text,
      runtimeInputs ? [ ],
      runtimeEnv ? null,
      meta ? { },
      checkPhase ? null,
      excludeShellChecks ? [ ],
      extraShellCheckFlags ? [ ],
      bashOptions ? [
        "errexit"
        "nounset"
        "pipefail"
      ],
      inheritPath ? true,
      passthru ? { },
      derivationArgs ? { },
    }:
    writeTextFile {
      inherit name derivationArgs;
      executable = true;
      destination = "/bin/${name}";
      meta = {
        mainProgram = name;
      }
      // meta;
      text = ''
        #!${pkgs.runtimeShell}
        ${lib.concatMapStringsSep "\n" (option: "set -o ${option}") bashOptions}
        ${lib.optionalString (runtimeEnv != null) (
          lib.concatStrings (
            lib.mapAttrsToList (
              variable: value: "${lib.toShellVar variable value}\nexport ${variable}\n"
            ) runtimeEnv
          )
        )}
        ${lib.optionalString (runtimeInputs != [ ]) ''
          export PATH="${lib.makeBinPath runtimeInputs}${lib.optionalString inheritPath ":$PATH"}"
        ''}
        ${text}
      '';
      checkPhase =
        if checkPhase != null then
          checkPhase
        else
          ''
            ${isShell}
            ! command -v shellcheck > /dev/null || shellcheck ${
              lib.escapeShellArgs (
                lib.optional (excludeShellChecks != [ ]) "--exclude=${lib.concatStringsSep "," excludeShellChecks}"
                ++ extraShellCheckFlags
              )
            } "$target"
          '';
    };

  linkFarm =
    name: entries:
    let
      list =
        if lib.isAttrs entries then
          lib.mapAttrsToList (name: path: { inherit name path; }) entries
        else
          entries;
    in
    runCommand name { } ''
      mkdir -p $out
      cd $out
      ${lib.concatMapStrings (
        { name, path }:
        ''
          mkdir -p "$(dirname ${lib.escapeShellArg name})"
          ln -s ${lib.escapeShellArg "${path}"} ${lib.escapeShellArg name}
        ''
      ) list}
    '';

  # All files of the packages in one tree of links; the first package wins.
  buildEnv =
    {
      name,
      paths,
      pathsToLink ? [ "/" ],
      postBuild ? "",
      ...
    }:
    runCommand name { paths = map toString paths; } ''
      mkdir -p $out
      for path in $paths; do
        for folder in ${lib.escapeShellArgs pathsToLink}; do
          [ -d "$path$folder" ] || continue
          (cd "$path$folder"; find . ! -type d -printf '%P\n') | while read -r file; do
            target=$out$folder/$file
            [ -e "$target" ] || [ -L "$target" ] || { mkdir -p "$(dirname "$target")"; ln -s "$path$folder/$file" "$target"; }
          done
        done
      done
      ${postBuild}
    '';
  symlinkJoin = { name, paths, ... }@arguments: buildEnv (removeAttrs arguments [ "meta" ]);
  concatText = name: files: runCommand name { files = map toString files; } "cat $files > $out";

  # `replace-secret STRING FILE TARGET`: puts the secret into a file without showing it on a command line.
  replace-secret = writeShellApplication {
    name = "replace-secret";
    text = ''
      IFS= read -rd "" secret < "$2" || true
      IFS= read -rd "" content < "$3" || true
      printf %s "''${content//"$1"/"''${secret%$'\n'}"}" > "$3"
    '';
  };
}
