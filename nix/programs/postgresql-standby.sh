# postgresql-standby NODE ADDRESS PORT ROLE DATA
# Copies the data of NODE into the folder DATA and makes it the data of a standby. Logs in as ROLE.
# Prevents that data is overwritten: a folder that has data stays as it is. The copy is made in DATA.incoming, so that
# an interrupted copy is not taken for a whole one.
umask 0077
password=$(sed "s/[\\\\:]/\\\\&/g" "$CREDENTIALS_DIRECTORY/replication")
printf "*:*:*:*:%s\n" "$password" > "$RUNTIME_DIRECTORY/pgpass"
if [ -e "$5/PG_VERSION" ]; then
  if [ ! -e "$5/standby.signal" ]; then
    echo "$5 has data of its own and is no copy of $1: move it away to have it copied" >&2
  fi
  exit 0
fi
deadline=$((SECONDS + 300))
until pg_isready --quiet --timeout 3 --host "$2" --port "$3"; do
  if [ "$SECONDS" -ge "$deadline" ]; then
    echo "$1 did not answer on port $3 of $2 within 300 s" >&2
    exit 1
  fi
  sleep 1
done
export PGPASSFILE="$RUNTIME_DIRECTORY/pgpass"
rm -rf "$5.incoming"
pg_basebackup --no-password --host "$2" --port "$3" --username "$4" --checkpoint fast --pgdata "$5.incoming"
touch "$5.incoming/standby.signal"
if [ -d "$5" ]; then rmdir "$5"; fi
mv "$5.incoming" "$5"
