# mysql-standby ADDRESS PORT USER
# Replicates the server at ADDRESS and PORT, as USER. Copies its data first if this server has not replicated before.
# Prevents a standby with gaps: the logs that are replicated do not reach back to the beginning. Prevents that data are
# overwritten: a server with tables of its own is refused. The database `cim_incoming` marks a copy that is not whole.
known=$(mysql --batch --skip-column-names --execute \
  "SELECT COUNT(*) FROM performance_schema.replication_connection_configuration WHERE LENGTH(HOST) > 0")
if [ "$known" -eq 0 ]; then
  own=$(mysql --batch --skip-column-names --execute "SELECT COUNT(*) FROM information_schema.tables
    WHERE table_schema NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')")
  begun=$(mysql --batch --skip-column-names --execute \
    "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'cim_incoming'")
  if [ "$own" -ne 0 ] && [ "$begun" -eq 0 ]; then
    echo "this server has tables of its own and is not a copy of $1: move its data away to have $1 copied" >&2
    exit 1
  fi
  mysql --execute "CREATE DATABASE IF NOT EXISTS cim_incoming"
  mysql --execute "RESET BINARY LOGS AND GTIDS" || mysql --execute "RESET MASTER"
  MYSQL_PWD=$(cat "$CREDENTIALS_DIRECTORY/replication") mysqldump --host="$1" --port="$2" --user="$3" \
    --get-server-public-key --all-databases --single-transaction --routines --events --triggers --no-tablespaces \
    --set-gtid-purged=ON --flush-privileges | mysql
else
  mysql --execute "STOP REPLICA"
fi
password=$(sed "s/[\\\\']/\\\\&/g" "$CREDENTIALS_DIRECTORY/replication")
mysql <<SQL
CHANGE REPLICATION SOURCE TO SOURCE_HOST = '$1', SOURCE_PORT = $2, SOURCE_USER = '$3', SOURCE_PASSWORD = '$password',
  SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1, GET_SOURCE_PUBLIC_KEY = 1;
SET SESSION sql_log_bin = 0;
DROP DATABASE IF EXISTS cim_incoming;
START REPLICA;
SQL
