# keep-copies FOLDER NAME SUFFIX KEPT COMMAND...
# Keeps what COMMAND prints, compressed, as a new copy in FOLDER. Removes the oldest copies of NAME until KEPT are left.
# Prevents that half a copy takes the place of a whole one: a copy gets its name when COMMAND has succeeded.
folder=$1 name=$2 suffix=$3 kept=$4
shift 4
umask 0077
"$@" | gzip > "$folder/.$name.partial"
mv "$folder/.$name.partial" "$folder/$name.$(date --utc +%Y%m%dT%H%M%SZ).$suffix.gz"
find "$folder" -maxdepth 1 -name "$name.*.$suffix.gz" -print0 | sort --zero-terminated |
  head --zero-terminated --lines="-$kept" | xargs --null --no-run-if-empty rm --
