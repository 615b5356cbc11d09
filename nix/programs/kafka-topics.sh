# kafka-topics SERVER PROPERTIES [TOPIC PARTITIONS REPLICAS RETENTION]...
# Makes each TOPIC, or changes it: at least PARTITIONS, RETENTION in milliseconds. Kafka takes no partitions away.
# Prevents topics with the defaults of the broker, or with the settings of an earlier graph.
server=(--bootstrap-server "$1" --command-config "$2")
shift 2
while [ "$#" -gt 0 ]; do
  kafka-topics.sh "${server[@]}" --create --if-not-exists --topic "$1" --partitions "$2" --replication-factor "$3"
  partitions=$(kafka-topics.sh "${server[@]}" --describe --topic "$1" |
    sed -n 's/.*PartitionCount: \([0-9]*\).*/\1/p' | head -n 1)
  if [ "$partitions" -lt "$2" ]; then
    kafka-topics.sh "${server[@]}" --alter --topic "$1" --partitions "$2"
  fi
  kafka-configs.sh "${server[@]}" --alter --entity-type topics --entity-name "$1" --add-config "retention.ms=$4"
  shift 4
done
