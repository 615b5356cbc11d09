# Modules as they are written, and all that they import, in one form: `{ file, imports, options, config, freeformType }`.
let
  inherit (import ./lists.nix) imap1;
  inherit (import ./trivial.nix) isFunction functionArgs;

  longForm =
    file: module:
    let
      about = [
        "_class"
        "_file"
        "key"
        "imports"
        "freeformType"
      ];
      others = builtins.attrNames (
        removeAttrs module (
          about
          ++ [
            "options"
            "config"
            "meta"
          ]
        )
      );
      long = {
        file = module._file or file;
        imports = module.imports or [ ];
        options = module.options or { };
        config = [ (module.config or { }) ];
        freeformType = module.freeformType or null;
      };
    in
    if !builtins.isAttrs module then
      throw "module `${file}' is neither a set nor a function nor a path: ${builtins.typeOf module}"
    else if module ? _type then
      long // { config = [ module ]; }
    else if module ? disabledModules || module ? require then
      throw "module `${file}': `disabledModules' and `require' are not offered here"
    else if !(module ? options || module ? config) then
      long // { config = [ (removeAttrs module about) ]; }
    else if others != [ ] then
      throw "Module `${file}' has an unsupported attribute `${builtins.head others}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${toString others}) into the explicit `config' attribute."
    else
      long;

  # All modules that are imported, each file once, in the order of discovery.
  load =
    arguments: modules:
    let
      call =
        file: module:
        if !isFunction module then
          module
        else
          module (
            arguments
            // builtins.mapAttrs (
              name: _:
              arguments.${name} or (arguments.config._module.args.${name}
                or (throw "module `${file}' asks for the argument `${name}', which nobody gives it")
              )
            ) (functionArgs module)
          );
      isFile =
        module:
        builtins.isPath module || builtins.isString module || (module ? outPath && !(module ? _type));
      item =
        parent: n: module:
        if isFile module then
          {
            key = toString module;
            module = longForm (toString module) (call (toString module) (import module));
          }
        else
          {
            key = module.key or "${parent.key}:anon-${toString n}";
            module = longForm (module._file or parent.module.file) (call parent.module.file module);
          };
      root = {
        key = "";
        module.file = "<unknown-file>";
      };
    in
    map ({ module, ... }: module) (
      builtins.genericClosure {
        startSet = imap1 (item root) modules;
        operator = parent: imap1 (item parent) parent.module.imports;
      }
    );
in
{
  inherit load;
}
