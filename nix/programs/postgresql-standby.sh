# postgresql-standby NODE ADDRESS PORT ROLE DATA SLOT
# Copies the data of NODE into the folder DATA and makes it the data of a standby. Logs in as ROLE.
# Prevents that data is overwritten, and that there are two primaries: a server with data of its own is not started. The
# file `cim-promoted` in DATA says that somebody has promoted the standby on purpose. The copy is made in DATA.incoming,
# so that an interrupted copy is not taken for a whole one. From before the copy on, NODE keeps in SLOT what the standby
# has not received; without that, changes made during a long copy could be gone at its end.
umask 0077
password=$(sed "s/[\\\\:]/\\\\&/g" "$CREDENTIALS_DIRECTORY/replication")
printf "*:*:*:*:%s\n" "$password" > "$RUNTIME_DIRECTORY/pgpass"
export PGPASSFILE="$RUNTIME_DIRECTORY/pgpass"
primary="host=$2 port=$3 user=$4 dbname=postgres replication=true connect_timeout=3"
replicate() { psql --no-psqlrc --no-password --quiet --dbname "$primary" --command "$1" > /dev/null; }
if [ -e "$5/PG_VERSION" ]; then
  if [ -e "$5/cim-promoted" ]; then exit 0; fi
  if [ -e "$5/standby.signal" ]; then
    # It is there already, or NODE is down: a standby starts all the same.
    replicate "CREATE_REPLICATION_SLOT $6 PHYSICAL" 2> /dev/null || true
    exit 0
  fi
  echo "$5 has data of its own and is not a copy of $1, so it is not started. Move the folder away to have $1 copied." \
    "Or, if this server was promoted, turn the edge round in the graph (until then: touch $5/cim-promoted)" >&2
  exit 1
fi
deadline=$((SECONDS + 300))
until pg_isready --quiet --timeout 3 --host "$2" --port "$3"; do
  if [ "$SECONDS" -ge "$deadline" ]; then
    echo "$1 did not answer on port $3 of $2 within 300 s" >&2
    exit 1
  fi
  sleep 1
done
# What an earlier copy has left in the slot is of no use to this one.
replicate "DROP_REPLICATION_SLOT $6" 2> /dev/null || true
replicate "CREATE_REPLICATION_SLOT $6 PHYSICAL RESERVE_WAL"
rm -rf "$5.incoming"
pg_basebackup --no-password --host "$2" --port "$3" --username "$4" --checkpoint fast --slot "$6" --pgdata "$5.incoming"
touch "$5.incoming/standby.signal"
if [ -d "$5" ]; then rmdir "$5"; fi
mv "$5.incoming" "$5"
