# wait-until RETRIES INTERVAL TIMEOUT COMMAND...
# Runs COMMAND until it succeeds, at most RETRIES times after the first. Waits INTERVAL seconds between two runs, and
# stops each after TIMEOUT seconds.
# Prevents that a unit counts as started before it can answer: the units that depend on it would fail.
retries=$1 interval=$2 timeout=$3
shift 3
until timeout "$timeout" "$@"; do
  if [ "$retries" -eq 0 ]; then exit 1; fi
  retries=$((retries - 1))
  sleep "$interval"
done
