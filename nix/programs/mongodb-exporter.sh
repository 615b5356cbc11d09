# mongodb-exporter FILE
# Writes FILE: the variable MONGODB_PASSWORD with the password in the credentials.
# Prevents the password in the definition of the unit, which every user can read.
umask 077
echo "MONGODB_PASSWORD=$(< "$CREDENTIALS_DIRECTORY/password")" > "$1"
