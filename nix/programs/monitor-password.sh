# monitor-password FILE [KEY]
# Writes a password to FILE: the one that follows from the content of the file KEY, without white space. If KEY is not
# given, makes one up, once.
# Prevents that members of a replica set have different passwords for one user: all derive it from the key they share.
# An empty key is refused, because anyone could derive the password from it.
umask 077
if [ "$#" -gt 1 ]; then
  key=$(tr -d "[:space:]" < "$2")
  if [ -z "$key" ]; then
    echo "$2: the key is empty" >&2
    exit 1
  fi
  hash=$(printf "cim-monitor %s" "$key" | sha256sum)
elif [ -s "$1" ]; then
  exit 0
else
  hash=$(head -c 32 /dev/urandom | sha256sum)
fi
echo "${hash%% *}" > "$1"
