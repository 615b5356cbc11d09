# Declaring options.
rec {
  mkOption = attributes: attributes // { _type = "option"; };
  isOption = value: value._type or null == "option";
  mkEnableOption =
    name:
    mkOption {
      type = (import ./types.nix).bool;
      default = false;
      description = "Whether to enable ${name}.";
    };
  mkPackageOption =
    pkgs: name:
    {
      default ? name,
      nullable ? false,
      ...
    }:
    let
      inherit (import ./types.nix) nullOr package;
      path = if builtins.isList default then default else [ default ];
    in
    mkOption {
      type = if nullable then nullOr package else package;
      default = if default == null then null else (import ./attributes.nix).getAttrFromPath path pkgs;
    };
  literalExpression = text: {
    _type = "literalExpression";
    inherit text;
  };
  literalMD = text: {
    _type = "literalMD";
    inherit text;
  };
  mdDoc = text: text;

  # `a.b."c d"`
  showOption =
    path:
    builtins.concatStringsSep "." (
      map (
        name:
        if builtins.match "[a-zA-Z_][a-zA-Z0-9_'-]*|<.*>|\\*|\\[.*]" name == null then
          builtins.toJSON name
        else
          name
      ) path
    );
  showFiles = files: builtins.concatStringsSep " and " (map (file: "`${toString file}'") files);
  showDefinitions =
    definitions:
    builtins.concatStringsSep "" (
      map (
        { file, value }: "\n- In `${toString file}': ${(import ./generators.nix).describe value}"
      ) definitions
    );
}
