# Options of their own inside an option.
let
  inherit (import ./option-type.nix) mkOptionType;
  lists = import ./lists.nix;
in
rec {
  submodule =
    module:
    submoduleWith {
      modules = lists.toList module;
      shorthandOnlyDefinesConfig = true;
    };
  # Definitions are modules; with the shorthand, sets are written without `config`.
  submoduleWith =
    {
      modules,
      specialArgs ? { },
      shorthandOnlyDefinesConfig ? false,
      description ? "submodule",
      ...
    }:
    let
      evaluated =
        path: definitions:
        (import ./modules.nix).evalModules {
          inherit specialArgs;
          prefix = path;
          modules = [
            { _module.args.name = lists.last path; }
          ]
          ++ modules
          ++ map (
            { file, value }:
            if builtins.isAttrs value && shorthandOnlyDefinesConfig then
              {
                _file = file;
                config = value;
              }
            else
              {
                _file = file;
                imports = [ value ];
              }
          ) definitions;
        };
    in
    mkOptionType {
      name = description;
      check = value: builtins.isAttrs value || builtins.isFunction value || builtins.isPath value;
      emptyValue.value = { };
      merge = path: definitions: (evaluated path definitions).config;
      verify = path: definitions: (evaluated path definitions).verified;
    };
  deferredModule = mkOptionType {
    name = "module";
    verify = _: _: true;
    merge = _: definitions: {
      imports = map ({ file, value }: {
        _file = file;
        imports = [ value ];
      }) definitions;
    };
  };
}
