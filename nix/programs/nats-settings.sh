# nats-settings SETTINGS FOLDER [NAME]...
# Writes the JSON file SETTINGS to FOLDER/nats.json, with passwords in place of the names of the credentials that hold
# them. Makes up the password of each NAME and leaves it in FOLDER.
# Prevents passwords in the Nix store, which every user can read. `jq` writes them as JSON: no character of a password
# changes the settings. An empty password is refused, because anyone could give it.
settings=$1 folder=$2
shift 2
umask 077
for name in "$@"; do
  head -c 24 /dev/urandom | base64 > "$folder/$name"
done
shopt -s nullglob
passwords=()
for file in "$folder"/*.password "${CREDENTIALS_DIRECTORY:-$folder}"/*.password; do
  passwords+=(--rawfile "$(basename "$file")" "$file")
done
jq "${passwords[@]}" '
  def password: ($ARGS.named[.] // error("no password \(.)")) | rtrimstr("\n")
    | if . == "" then error("a password is empty") else . end;
  (.authorization.users[]?, .leafnodes.authorization.users[]?) |= (.password |= password)
  | (.leafnodes.remotes[]?.url) |= if contains("@")
    then capture("^(?<start>[^@]*:)(?<name>[^@:]+)(?<end>@.*)$") | .start + (.name | password | @uri) + .end
    else . end
' "$settings" > "$folder/nats.json"
