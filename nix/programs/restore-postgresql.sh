# restore-postgresql FOLDER PORT STAMP [NAME]...
# Restores copies from FOLDER: the roles first, then each database NAME. Takes the newest copies that are not younger
# than STAMP, or of all if STAMP is `newest`. Makes databases that are missing. The server may be new, or have the roles
# and the empty databases of its graph.
# Prevents that a restore stops halfway: a dump ends at roles and databases that exist, and at those that are missing.
# Prevents that data are overwritten: a database with a table in it is refused before anything is changed.
folder=$1 port=$2 until=$3
shift 3
if [ "$until" = newest ]; then until=9; fi

# copy_of NAME SUFFIX: the copy that is taken. Nothing if there is none.
copy_of() {
  local copy stamp found=''
  while IFS= read -r -d '' copy; do
    stamp=${copy#"$folder/$1."}
    if [[ ! "$stamp" > "$until~" ]]; then found=$copy; fi
  done < <(find "$folder" -maxdepth 1 -name "$1.*.$2.gz" -print0 | sort --zero-terminated)
  printf '%s' "$found"
}

# ask DATABASE QUERY NAME: the answer to QUERY, in which :'name' is NAME.
ask() {
  psql --no-psqlrc --quiet --tuples-only --no-align --port "$port" --dbname "$1" --set=name="$3" <<< "$2"
}
is_database() { [ "$(ask postgres "SELECT count(*) FROM pg_database WHERE datname = :'name'" "$1")" -eq 1 ]; }

tables="SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
for name in "$@"; do
  if [ -z "$(copy_of "$name" sql)" ]; then
    echo "there is no copy of $name in $folder" >&2
    exit 1
  fi
  if is_database "$name" && [ "$(ask "$name" "$tables" '')" -ne 0 ]; then
    echo "database $name has tables: rename or drop it first, nothing is overwritten" >&2
    exit 1
  fi
done

roles=$(copy_of globals roles)
if [ -n "$roles" ]; then
  # What is there already, as on a server that the graph has prepared, is no failure. The rest of the roles is set.
  problems=$(zcat "$roles" | psql --no-psqlrc --quiet --port "$port" --dbname postgres 2>&1 > /dev/null |
    grep 'ERROR:' | grep --invert-match 'already exists' || true)
  if [ -n "$problems" ]; then
    echo "$problems" >&2
    exit 1
  fi
fi

for name in "$@"; do
  copy=$(copy_of "$name" sql)
  if ! is_database "$name"; then
    createdb --port "$port" -- "$name"
    if [ "$(ask postgres "SELECT count(*) FROM pg_roles WHERE rolname = :'name'" "$name")" -eq 1 ]; then
      ask postgres 'ALTER DATABASE :"name" OWNER TO :"name"' "$name"
    fi
  fi
  zcat "$copy" | psql --no-psqlrc --quiet --port "$port" --set=ON_ERROR_STOP=1 --single-transaction --dbname "$name" \
    > /dev/null
  echo "restored $name from $copy"
done
