# sqlite-create FOLDER GROUP FILE...
# Makes FOLDER, and each FILE in it a database that GROUP may use.
# Prevents that a database belongs to the user of the unit that opened it first, and that readers wait for a writer.
install --directory --mode=2770 --owner=root --group="$2" "$1"
cd "$1"
group=$2
shift 2
for file in "$@"; do
  sqlite3 "$file" "PRAGMA journal_mode = WAL" > /dev/null
  chgrp "$group" "$file"
  chmod 0660 "$file"
done
