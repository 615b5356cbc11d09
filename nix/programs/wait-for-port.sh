# wait-for-port SECONDS NODE PORT ADDRESS...
# Waits until NODE accepts a connection on PORT of one of its addresses. After SECONDS it fails and names the node.
# Prevents that, after several hosts have started again, a unit gives up because the node that it needs on another host
# is not ready yet.
seconds=$1 node=$2 port=$3
shift 3
deadline=$((SECONDS + seconds))
while [ "$SECONDS" -lt "$deadline" ]; do
  for address in "$@"; do
    if timeout 2 "$BASH" -c "exec 3<>/dev/tcp/\$0/\$1" "$address" "$port" 2> /dev/null; then exit 0; fi
  done
  sleep 1
done
echo "$node did not answer on port $port of $* within $seconds s" >&2
exit 1
