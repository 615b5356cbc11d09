# Writes files of the current folder: each is its length in bytes and its name, in a line, and then its text.
set -euo pipefail
while read -r size name; do
  mkdir -p "$(dirname "$name")"
  head -c "$size" > "$name"
done
