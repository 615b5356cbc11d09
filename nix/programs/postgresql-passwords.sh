# postgresql-passwords PORT [ROLE FILE]...
# Gives each ROLE the password in FILE, if the file exists.
# Prevents passwords where others can read them: on a command line, and in the log of statements.
export PGPORT=$1
shift
while [ "$#" -gt 0 ]; do
  if [ -e "$2" ]; then
    PASSWORD=$(cat "$2")
    export PASSWORD
    runuser -u postgres -- psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set role="$1" --dbname postgres <<'SQL'
\getenv password PASSWORD
SET log_statement = 'none';
ALTER ROLE :"role" PASSWORD :'password';
SQL
  fi
  shift 2
done
