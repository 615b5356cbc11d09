# Whether a deployment has only fields that deploy-rs knows, of their types: true, or an error.
{ lib }:
let
  generic = {
    sshUser = "string";
    user = "string";
    sshOpts = "list";
    fastConnection = "bool";
    autoRollback = "bool";
    magicRollback = "bool";
    confirmTimeout = "int";
    activationTimeout = "int";
    tempPath = "string";
    sudo = "string";
    remoteBuild = "bool";
    interactiveSudo = "bool";
  };
  deployment = generic // {
    nodes = "set";
  };
  node = generic // {
    hostname = "string";
    profiles = "set";
    profilesOrder = "list";
  };
  profile = generic // {
    path = "set";
    profilePath = "string";
  };

  check =
    where: fields: required: value:
    let
      isRight =
        name: item:
        lib.throwIfNot (fields ? ${name}) "${where}: deploy-rs knows no ${name}" (
          builtins.typeOf item == fields.${name} || throw "${where}.${name} is not a ${fields.${name}}"
        );
      isThere = name: value ? ${name} || throw "${where}: ${name} is missing";
    in
    lib.all isThere required && lib.all lib.id (lib.mapAttrsToList isRight value);
  each = f: set: lib.all lib.id (lib.mapAttrsToList f set);
in
deploy:
check "deploy" deployment [ "nodes" ] deploy
&& each (
  name: settings:
  check name node [ "hostname" "profiles" ] settings
  && each (kind: check "${name}.${kind}" profile [ "path" ]) settings.profiles
) deploy.nodes
