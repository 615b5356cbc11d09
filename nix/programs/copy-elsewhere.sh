# copy-elsewhere FOLDER TARGET
# Copies the files of FOLDER to TARGET, which must be on another file system. Files that FOLDER does not have any more
# go from TARGET after 60 days, but never the newest.
# Prevents that the copies of a database are lost with the disk that it is on, and that whoever empties FOLDER empties
# TARGET too.
folder=$1 target=$2
umask 0077
mkdir -p "$target"
if [ "$(stat --format=%d "$folder")" = "$(stat --format=%d "$target")" ]; then
  echo "$target is on the disk of $folder: mount another one there" >&2
  exit 1
fi
find "$folder" -maxdepth 1 -type f -name '*.gz' -printf '%f\0' | while IFS= read -rd '' name; do
  if [ ! -e "$target/$name" ]; then
    cp "$folder/$name" "$target/.$name.partial"
    sync "$target/.$name.partial"
    mv "$target/.$name.partial" "$target/$name"
  fi
done
newest=$(find "$target" -maxdepth 1 -type f -name '*.gz' -printf '%T@ %f\n' | sort --numeric-sort | tail -n 1)
find "$target" -maxdepth 1 -type f -name '*.gz' -mtime +60 -printf '%f\0' | while IFS= read -rd '' name; do
  if [ ! -e "$folder/$name" ] && [ "$name" != "${newest#* }" ]; then rm -- "$target/$name"; fi
done
