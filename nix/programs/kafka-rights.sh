# kafka-rights SERVER PROPERTIES [USER OPERATION TYPE NAME]...
# Gives each USER these rights, and removes all others.
# Prevents that a right stays on the server after the graph has lost it.
server=(--bootstrap-server "$1" --command-config "$2")
shift 2
declare -A rights=()
while [ "$#" -gt 0 ]; do
  rights["$1 $2 $3 $4"]=missing
  shift 4
done
change() { # ACTION USER OPERATION TYPE NAME
  kafka-acls.sh "${server[@]}" "$1" --force --allow-principal "User:$2" --operation "$3" "--${4,,}" "$5"
}
type='' name=''
found=$(kafka-acls.sh "${server[@]}" --list)
while IFS= read -r line; do
  if [[ $line =~ resourceType=([A-Z_]+),\ name=(.*),\ patternType=LITERAL ]]; then
    type=${BASH_REMATCH[1]} name=${BASH_REMATCH[2]}
  elif [[ $line =~ principal=User:([^,]+),\ host=\*,\ operation=([A-Z_]+),\ permissionType=ALLOW ]]; then
    user=${BASH_REMATCH[1]} operation=${BASH_REMATCH[2]}
    if [ -n "${rights["$user $operation $type $name"]:-}" ]; then
      rights["$user $operation $type $name"]=there
    else
      change --remove "$user" "$operation" "$type" "$name"
    fi
  fi
done <<< "$found"
for right in "${!rights[@]}"; do
  if [ "${rights["$right"]}" = missing ]; then
    read -r user operation type name <<< "$right"
    change --add "$user" "$operation" "$type" "$name"
  fi
done
