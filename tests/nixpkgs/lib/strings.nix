# Functions on strings.
let
  inherit (import ./attributes.nix) getBin mapAttrsToList;
  inherit (import ./lists.nix) imap1;
  lower = "abcdefghijklmnopqrstuvwxyz";
  upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  characters = text: builtins.genList (n: builtins.substring n 1 text) (builtins.stringLength text);
in
rec {
  inherit (builtins)
    concatStringsSep
    match
    replaceStrings
    split
    stringLength
    substring
    toJSON
    unsafeDiscardStringContext
    ;
  concatStrings = concatStringsSep "";
  concatMapStrings = concatMapStringsSep "";
  concatMapStringsSep =
    separator: f: list:
    concatStringsSep separator (map f list);
  concatImapStringsSep =
    separator: f: list:
    concatStringsSep separator (imap1 f list);
  concatMapAttrsStringSep =
    separator: f: set:
    concatStringsSep separator (mapAttrsToList f set);
  concatLines = concatMapStrings (line: line + "\n");
  intersperse =
    separator: list:
    builtins.concatLists (
      imap1 (
        n: item:
        if n == 1 then
          [ item ]
        else
          [
            separator
            item
          ]
      ) list
    );
  optionalString = condition: text: if condition then text else "";
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix =
    suffix: text:
    let
      start = stringLength text - stringLength suffix;
    in
    start >= 0 && substring start (-1) text == suffix;
  hasInfix = infix: text: builtins.length (split (escapeRegex infix) text) > 1;
  removePrefix =
    prefix: text: if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
  removeSuffix =
    suffix: text:
    if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text;
  splitString =
    separator: text: builtins.filter builtins.isString (split (escapeRegex separator) text);
  stringToCharacters = characters;
  toLower = replaceStrings (characters upper) (characters lower);
  toUpper = replaceStrings (characters lower) (characters upper);
  toSentenceCase = text: toUpper (substring 0 1 text) + substring 1 (-1) text;
  trim = text: builtins.head (match "[[:space:]]*(.*[^[:space:]]|)[[:space:]]*" text);
  replicate = count: text: concatStrings (builtins.genList (_: text) count);
  fixedWidthString =
    width: filler: text:
    if stringLength text >= width then text else fixedWidthString width filler (filler + text);
  fixedWidthNumber = width: number: fixedWidthString width "0" (toString number);
  fileContents = file: removeSuffix "\n" (builtins.readFile file);
  readLines = file: splitString "\n" (fileContents file);

  escape = special: replaceStrings special (map (character: "\\${character}") special);
  escapeRegex = escape (characters "\\[{()^$?*+|.");
  # In single quotes, but for words that mean nothing to a shell.
  escapeShellArg =
    value:
    let
      text = toString value;
    in
    if match "[[:alnum:],._+:@%/-]+" text == null then
      "'${replaceStrings [ "'" ] [ "'\\''" ] text}'"
    else
      text;
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  escapeNixString = text: escape [ "$" ] (toJSON text);
  escapeXML = replaceStrings [ "\"" "'" "<" ">" "&" ] [ "&quot;" "&apos;" "&lt;" "&gt;" "&amp;" ];
  escapeURL =
    text:
    concatMapStrings (
      character:
      if match "[A-Za-z0-9_.~-]" character != null then
        character
      else
        throw "escapeURL is not offered here"
    ) (characters text);
  # One word of a command line of systemd.
  escapeSystemdExecArg = value: replaceStrings [ "%" "$" ] [ "%%" "$$" ] (toJSON (toString value));
  escapeSystemdExecArgs = concatMapStringsSep " " escapeSystemdExecArg;
  toShellVar = name: value: "${name}=${escapeShellArg value}";
  toShellVars = set: concatStringsSep "\n" (mapAttrsToList toShellVar set);

  isStringLike =
    value: builtins.isString value || builtins.isPath value || value ? outPath || value ? __toString;
  isConvertibleWithToString =
    value:
    isStringLike value
    || value == null
    || builtins.isInt value
    || builtins.isFloat value
    || builtins.isBool value
    || (builtins.isList value && builtins.all isConvertibleWithToString value);
  isStorePath = value: isStringLike value && hasPrefix "${builtins.storeDir}/" "${value}";
  toInt =
    text:
    let
      value = builtins.fromJSON (removeZeros (trim text));
    in
    if builtins.isInt value then value else throw "toInt: `${text}' is not an integer";
  removeZeros =
    text: if match "0+[0-9]+" text == null then text else removeZeros (substring 1 (-1) text);
  toIntBase10 = toInt;

  versionAtLeast = left: right: builtins.compareVersions left right >= 0;
  versionOlder = left: right: builtins.compareVersions left right < 0;
  versions = rec {
    splitVersion = builtins.splitVersion;
    major = version: builtins.head (splitVersion version);
    minor = version: builtins.elemAt (splitVersion version) 1;
    patch = version: builtins.elemAt (splitVersion version) 2;
    majorMinor = version: "${major version}.${minor version}";
  };
  getName = value: value.pname or (builtins.parseDrvName (value.name or value)).name;
  getVersion = value: value.version or (builtins.parseDrvName (value.name or value)).version;

  makeSearchPath =
    folder: packages: concatMapStringsSep ":" (package: "${package}/${folder}") packages;
  makeBinPath =
    packages: makeSearchPath "bin" (map getBin (builtins.filter (package: package != null) packages));
  makeLibraryPath = makeSearchPath "lib";
  getExe =
    package:
    getExe' package (
      package.meta.mainProgram
        or (throw "getExe: package ${getName package} does not say its main program")
    );
  getExe' = package: program: "${getBin package}/bin/${program}";
}
