# redis-trim SOCKET [TOPIC SECONDS]...
# Removes what is older than SECONDS from the stream of each TOPIC.
# Prevents that streams grow until the memory is full: Redis does not drop messages by age itself.
server=(-e -s "$1")
shift
if [ -e "${CREDENTIALS_DIRECTORY:-}/password" ]; then
  REDISCLI_AUTH=$(< "$CREDENTIALS_DIRECTORY/password")
  export REDISCLI_AUTH
  server+=(--user "$REDIS_USER")
fi
now=$(date +%s)
while [ "$#" -gt 0 ]; do
  redis-cli "${server[@]}" XTRIM "$1" MINID "$(((now - $2) * 1000))"
  shift 2
done
