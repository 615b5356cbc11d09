# keep-copies FOLDER NAME SUFFIX KEPT COMMAND...
# Keeps what COMMAND prints, compressed, as a new copy in FOLDER. Removes old copies of NAME, but keeps the KEPT newest,
# the newest of each of the last KEPT days, the newest with data in it, and the newest that is not much smaller than the
# largest.
# Prevents that half a copy takes the place of a whole one: a copy gets its name when COMMAND has succeeded. Prevents
# that copies of a database that has lost its data push out the last one that has them.
folder=$1 name=$2 suffix=$3 kept=$4
shift 4
umask 0077
partial=$folder/.$name.partial
"$@" | gzip > "$partial"
if [ -z "$(zcat "$partial" | head --bytes=1 | tr '\0' x)" ]; then
  rm "$partial"
  echo "the copy of $name is empty, and takes no place" >&2
  exit 1
fi
mv "$partial" "$folder/$name.$(date --utc +%Y%m%dT%H%M%SZ).$suffix.gz"

# Rows of a dump of SQL: a line after COPY that does not end it, or an INSERT. Other copies have data if they are not
# empty.
has_data() {
  case $suffix in
    sql)
      zcat "$1" 2> /dev/null | awk '
        /^INSERT INTO / || (copying && !/^\\\.$/) { found = 1 }
        { copying = /^COPY .* FROM stdin;$/ }
        END { exit !found }'
      ;;
    *) [ -n "$(zcat "$1" 2> /dev/null | head --bytes=1 | tr '\0' x)" ] ;;
  esac
}

mapfile -d '' copies < <(find "$folder" -maxdepth 1 -name "$name.*.$suffix.gz" -print0 |
  sort --zero-terminated --reverse)
largest=0
for copy in "${copies[@]}"; do
  size=$(stat --format=%s "$copy")
  if [ "$size" -gt "$largest" ]; then largest=$size; fi
done
oldest=$(date --utc --date="$kept days ago" +%Y%m%d)
number=0 day='' full='' large=''
for copy in "${copies[@]}"; do
  number=$((number + 1))
  stamp=${copy#"$folder/$name."}
  reasons=''
  if [ "$number" -le "$kept" ]; then reasons+='new '; fi
  if [ "${stamp:0:8}" != "$day" ] && [[ "${stamp:0:8}" > "$oldest" ]]; then reasons+='daily '; fi
  day=${stamp:0:8}
  if [ -z "$large" ] && [ "$(($(stat --format=%s "$copy") * 2))" -ge "$largest" ]; then large=yes reasons+='large '; fi
  if [ -z "$full" ] && has_data "$copy"; then full=yes reasons+='full '; fi
  if [ -z "$reasons" ]; then rm -- "$copy"; fi
done
