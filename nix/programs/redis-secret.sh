# redis-secret FILE CONFIGURATION CURRENT MARK
# Adds the password in FILE to CONFIGURATION of a server that is about to start; a standby logs in with it too. CURRENT
# gets the password as well, so that the next one can be set on the running server. MARK stays behind.
# Prevents that a server runs without its password for a moment, or until its secrets come: one that has had a password
# does not start without it. Every character is written as its number, so that none ends the setting.
if [ ! -e "$1" ]; then
  [ ! -e "$4" ] || {
    echo "$1 is not there, and this server has had a password: put the file there" >&2
    exit 1
  }
  exit 0
fi
umask 077
mkdir -p "${3%/*}" "${4%/*}"
password=$(cat "$1")
[ -n "$password" ] || {
  echo "$1 is empty: put a password into it" >&2
  exit 1
}
escaped=$(printf %s "$password" | od -An -v -tx1 | tr -d '\n' | sed 's/ /\\x/g')
printf 'requirepass "%s"\nmasterauth "%s"\n' "$escaped" "$escaped" >> "$2"
printf %s "$password" > "$3"
touch "$4"
