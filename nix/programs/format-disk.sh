# format-disk DEVICE
# Makes an ext4 file system on DEVICE if there is nothing on it: no signature of any kind, and no partition table. A
# device that has ext4 stays as it is. Fails on any other, and says what is on it.
# Prevents that a disk with data is formatted: systemd-makefs does not see a partition table, and takes such a disk for
# an empty one. Waits up to 30 s for the device.
for ((second = 0; second < 30; second++)); do
  if [ -b "$1" ]; then break; fi
  sleep 1
done
if [ ! -b "$1" ]; then
  echo "$1 is not a block device of this host: attach the disk, or name another device in the graph" >&2
  exit 1
fi
# Two programs are asked, and both must see nothing. blkid ends with 2 if it finds nothing.
signatures=$(wipefs --no-act --noheadings --output TYPE "$1" | sort --unique | paste --serial --delimiters=' ')
status=0
probed=$(blkid --probe --match-tag TYPE --match-tag PTTYPE --output value "$1" |
  paste --serial --delimiters=' ') || status=$?
case "$status:$signatures:$probed" in
  [02]:ext4:ext4) ;;
  [02]::)
    echo "$1 is empty: makes an ext4 file system on it"
    mkfs.ext4 -q "$1"
    ;;
  *)
    echo "$1 is not empty (${signatures:-${probed:-it cannot be read}}) and is not formatted: name another device or" \
      "partition in the graph, or empty this one by hand with: wipefs --all $1" >&2
    exit 1
    ;;
esac
