# redis-operator FILE SOCKET COMMAND...
# Runs COMMAND of Redis on the server at SOCKET, with the password in FILE if the server asks for one.
# Prevents that backups and checks fail on a server that does not have its password yet.
file=$1 socket=$2
shift 2
if [ "$(redis-cli -s "$socket" ping)" != PONG ]; then
  REDISCLI_AUTH=$(cat "$file")
  export REDISCLI_AUTH
fi
exec redis-cli -e -s "$socket" "$@"
