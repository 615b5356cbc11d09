# mysql-standby ADDRESS PORT USER
# Replicates the server at ADDRESS and PORT, as USER. Copies its data first if this server has not replicated before.
# Prevents a standby with gaps: the logs that are replicated do not reach back to the beginning.
known=$(mysql --batch --skip-column-names --execute \
  "SELECT COUNT(*) FROM performance_schema.replication_connection_configuration WHERE LENGTH(HOST) > 0")
if [ "$known" -eq 0 ]; then
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
START REPLICA;
SQL
