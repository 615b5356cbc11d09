# prepare-volume FOLDER GROUP [USER]
# Makes FOLDER. GROUP and USER may change whatever is made in it. Other rights on a folder that exists stay.
# Prevents that a unit cannot change the files that another unit made in the same volume.
if [ ! -d "$1" ]; then install -d -m 0770 "$1"; fi
entries="g:$2:rwx,d:g:$2:rwx"
if [ "$#" -gt 2 ]; then entries="$entries,u:$3:rwx,d:u:$3:rwx"; fi
if ! setfacl -m "$entries" "$1"; then
  # The file system has no access control lists.
  chgrp "$2" "$1"
  chmod g+rwxs "$1"
fi
