# redis-password FILE SOCKET
# Makes the password in FILE that of the server at SOCKET, and the one with which it logs in to the server it copies.
# Prevents the password in the Nix store and on a command line. `requirepass` comes last: from then on the server
# refuses commands without the password.
password=$(cat "$1")
if [ "$(redis-cli -s "$2" ping)" != PONG ]; then export REDISCLI_AUTH=$password; fi
for setting in masterauth requirepass; do
  printf %s "$password" | redis-cli -e -s "$2" -x config set "$setting"
done
