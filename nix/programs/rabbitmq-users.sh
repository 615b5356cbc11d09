# rabbitmq-users [USER CONFIGURE WRITE READ]...
# Makes each USER with the password in the credential USER.password, and with these rights (regular expressions). Marks
# them with the tag `cim`. Deletes users with this tag that are not named, and `guest`.
# Prevents that a user keeps access after the graph has lost it, and that anyone comes in with the known password of
# `guest`. The tag protects users that an operator made by hand.
declare -A known=() wanted=()
while read -r user tags; do
  known["$user"]=$tags
done < <(rabbitmqctl list_users --quiet --no-table-headers)
while [ "$#" -gt 0 ]; do
  wanted["$1"]=yes
  if [ -n "${known["$1"]:-}" ]; then verb=change_password; else verb=add_user; fi
  rabbitmqctl --quiet "$verb" "$1" < "$CREDENTIALS_DIRECTORY/$1.password"
  rabbitmqctl --quiet set_user_tags "$1" cim
  rabbitmqctl --quiet set_permissions "$1" "$2" "$3" "$4"
  shift 4
done
for user in "${!known[@]}"; do
  if [ -z "${wanted["$user"]:-}" ] && { [ "${known["$user"]}" = "[cim]" ] || [ "$user" = guest ]; }; then
    rabbitmqctl --quiet delete_user "$user"
  fi
done
