# stage-certificate FOLDER CERTIFICATE KEY OWNED
# Copies a certificate and its key, which root alone may read, into FOLDER for the user of the folder OWNED.
# Prevents that a renewed certificate never comes: credentials of systemd are copied at the start of a unit alone.
# FOLDER and what is above it stay root's, so that the user cannot lead these copies elsewhere.
owner=$(stat --dereference --format=%u "$4")
rm -rf "$1"
install -d -m 711 "${1%/*/*}" "${1%/*}" "$1"
install -m 400 -o "$owner" "$2" "$1/tls.pem"
install -m 400 -o "$owner" "$3" "$1/tls.pem.key"
