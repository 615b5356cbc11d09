# nats-streams [NAME FILE]...
# Gives each stream NAME the configuration in FILE. A stream that is missing is made.
# Prevents that messages are lost because no stream keeps them, and that a stream keeps the limits of an earlier graph.
if [ -e "${CREDENTIALS_DIRECTORY:-}/password" ]; then
  NATS_PASSWORD=$(< "$CREDENTIALS_DIRECTORY/password")
  export NATS_PASSWORD
fi
while [ "$#" -gt 0 ]; do
  if nats stream info "$1" > /dev/null; then
    nats stream edit "$1" --config "$2" --force
  else
    nats stream add "$1" --config "$2"
  fi
  shift 2
done
