import type { Program } from "../unit/programs.ts";

/** Programs that look after MySQL servers. They find MySQL's own programs in their unit's path. */
export const mysqlPrograms = {
  /** Sets passwords of MySQL's users. */
  mysqlAccounts: {
    attribute: "mysqlAccounts",
    name: "mysql-accounts",
    inputs: ["gnused", "util-linux"],
    lines: [
      "# (USER PRIVILEGES OBJECT FILE)...: makes users of other hosts with the passwords in their files, where there are any.",
      "# Nobody but root may be MySQL's root, which has no password.",
      "runuser -u mysql -- mysql --execute \"ALTER USER 'root'@'localhost' IDENTIFIED WITH auth_socket\"",
      'while [ "$#" -gt 0 ]; do',
      '  if [ -e "$4" ]; then',
      '    password=$(sed "s/[\\\\\\\\\']/\\\\\\\\&/g" "$4")',
      "    runuser -u mysql -- mysql <<SQL",
      "CREATE USER IF NOT EXISTS '$1'@'%' IDENTIFIED BY '$password';",
      "ALTER USER '$1'@'%' IDENTIFIED BY '$password';",
      "GRANT $2 ON $3 TO '$1'@'%';",
      "SQL",
      "  fi",
      "  shift 4",
      "done",
    ],
  },
  /** Makes a MySQL server a standby. */
  mysqlStandby: {
    attribute: "mysqlStandby",
    name: "mysql-standby",
    inputs: ["coreutils", "gnused"],
    lines: [
      "# ADDRESS PORT USER: replicates the server there, after copying its data where that was not done before.",
      'known=$(mysql --batch --skip-column-names --execute "SELECT COUNT(*) FROM performance_schema.replication_connection_configuration WHERE LENGTH(HOST) > 0")',
      'if [ "$known" -eq 0 ]; then',
      '  mysql --execute "RESET BINARY LOGS AND GTIDS" || mysql --execute "RESET MASTER"',
      '  MYSQL_PWD=$(cat "$CREDENTIALS_DIRECTORY/replication") mysqldump --host="$1" --port="$2" --user="$3" \\',
      "    --get-server-public-key --all-databases --single-transaction --routines --events --triggers --no-tablespaces \\",
      "    --set-gtid-purged=ON --flush-privileges | mysql",
      "else",
      '  mysql --execute "STOP REPLICA"',
      "fi",
      'password=$(sed "s/[\\\\\\\\\']/\\\\\\\\&/g" "$CREDENTIALS_DIRECTORY/replication")',
      "mysql <<SQL",
      "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '$1', SOURCE_PORT = $2, SOURCE_USER = '$3', SOURCE_PASSWORD = '$password',",
      "  SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1, GET_SOURCE_PUBLIC_KEY = 1;",
      "START REPLICA;",
      "SQL",
    ],
  },
} as const satisfies Readonly<Record<string, Program>>;
