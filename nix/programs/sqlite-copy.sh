# sqlite-copy FILE
# Prints a copy of the database FILE, as it is at one moment.
# Prevents a broken copy: the file itself may change while it is read.
copy=$(mktemp)
trap 'rm -f "$copy"' EXIT
sqlite3 "$1" ".timeout 30000" ".backup $copy"
cat "$copy"
