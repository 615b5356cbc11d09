// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is text for bash that is meant
import type { Program } from "../unit/programs.ts";

const rabbitmqUsers = {
  attribute: "rabbitmqUsers",
  name: "rabbitmq-users",
  inputs: ["coreutils", "gawk", "rabbitmq-server"],
  lines: [
    "# [USER CONFIGURE WRITE READ]...: makes these users, with the passwords in the credentials USER.password and these",
    "# rights (regular expressions). Users that it made before and that are no more are deleted; so is the guest.",
    "declare -A known=() wanted=()",
    "while read -r user tags; do",
    '  known["$user"]=$tags',
    "done < <(rabbitmqctl list_users --quiet --no-table-headers)",
    'while [ "$#" -gt 0 ]; do',
    '  wanted["$1"]=yes',
    '  if [ -n "${known["$1"]:-}" ]; then verb=change_password; else verb=add_user; fi',
    '  rabbitmqctl --quiet "$verb" "$1" < "$CREDENTIALS_DIRECTORY/$1.password"',
    '  rabbitmqctl --quiet set_user_tags "$1" cim',
    '  rabbitmqctl --quiet set_permissions "$1" "$2" "$3" "$4"',
    "  shift 4",
    "done",
    'for user in "${!known[@]}"; do',
    '  if [ -z "${wanted["$user"]:-}" ] && { [ "${known["$user"]}" = "[cim]" ] || [ "$user" = guest ]; }; then',
    '    rabbitmqctl --quiet delete_user "$user"',
    "  fi",
    "done",
  ],
} as const satisfies Program;

/** Programs that look after RabbitMQ servers. */
export const rabbitmqPrograms = { rabbitmqUsers };
