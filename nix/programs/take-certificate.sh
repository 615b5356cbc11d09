# take-certificate NEXT NOW
# Puts a certificate that was checked in the place of the one in use.
# Prevents that one which HAProxy refuses is used at its next start.
install -d -m 711 "$2"
mv "$1/tls.pem" "$1/tls.pem.key" "$2"
