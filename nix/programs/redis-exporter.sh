# redis-exporter FILE [URI CREDENTIAL]...
# Writes FILE: a JSON object that has the password in CREDENTIAL under each URI. A server whose credential is empty has
# no password and is left out.
# Prevents that a character in a password breaks the file: `jq` writes it.
file=$1
shift
umask 077
while [ "$#" -gt 0 ]; do
  jq --null-input --arg uri "$1" --rawfile password "$CREDENTIALS_DIRECTORY/$2" \
    '{ ($uri): $password | sub("\n+\\z"; "") } | map_values(select(. != ""))'
  shift 2
done | jq --slurp add > "$file"
