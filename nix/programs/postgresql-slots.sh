# postgresql-slots PORT [SLOT]...
# Makes a replication slot for each standby of this server, and drops those whose standby is gone from the graph.
# Prevents that the server removes changes which a standby has missed while it was away, and that it keeps them for a
# standby that never comes back. Slots that are not named cim_* belong to others and stay.
export PGPORT=$1
shift
wanted=$(IFS=, && echo "$*")
query() {
  psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --set wanted="$wanted" --dbname postgres
}
query > /dev/null <<'SQL'
SELECT pg_create_physical_replication_slot(slot) FROM unnest(string_to_array(:'wanted', ',')) AS slot
WHERE slot NOT IN (SELECT slot_name FROM pg_replication_slots);
SQL
# A standby that is still connected loses its connection first. Its slot is free a moment later.
drop() {
  query <<'SQL'
SELECT slot_name FROM pg_replication_slots, LATERAL (
  SELECT CASE WHEN active THEN pg_terminate_backend(active_pid)::text ELSE pg_drop_replication_slot(slot_name)::text END
) AS done
WHERE slot_type = 'physical' AND starts_with(slot_name::text, 'cim_')
AND slot_name::text <> ALL (string_to_array(:'wanted', ','));
SQL
}
deadline=$((SECONDS + 30))
while left=$(drop) && [ -n "$left" ]; do
  if [ "$SECONDS" -ge "$deadline" ]; then
    echo "these replication slots are in use and cannot be dropped:" "$left" >&2
    exit 1
  fi
  sleep 0.2
done
