# redis-password FILE SOCKET CURRENT MARK
# Makes the password in FILE that of the running server at SOCKET, and the one with which it logs in to the server it
# copies. CURRENT has the password that the server has now, if it has one.
# Prevents a restart for a new password, and the password on a command line. `requirepass` comes last: from then on the
# server refuses commands without the new one.
umask 077
mkdir -p "${3%/*}" "${4%/*}"
password=$(cat "$1")
[ -n "$password" ] || {
  echo "$1 is empty: put a password into it" >&2
  exit 1
}
if [ -e "$3" ]; then
  REDISCLI_AUTH=$(cat "$3")
  export REDISCLI_AUTH
fi
for setting in masterauth requirepass; do
  printf %s "$password" | redis-cli -e -s "$2" -x config set "$setting"
done
printf %s "$password" > "$3.new"
mv "$3.new" "$3"
touch "$4"
