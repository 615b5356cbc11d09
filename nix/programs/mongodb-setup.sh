# mongodb-setup PORT SETTINGS
# Runs mongodb-setup.js on the server at PORT, with SETTINGS (JSON). The flake puts that file in place of the line
# @mongodb-setup.js@.
# Prevents that other users can read the password of the administrator, which the script writes to a file.
umask 0077
export SETTINGS=$2
script=$(
  cat <<'JS'
@mongodb-setup.js@
JS
)
mongosh --quiet --norc "mongodb://127.0.0.1:$1/?directConnection=true" --eval "$script"
