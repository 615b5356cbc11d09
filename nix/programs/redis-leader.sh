# redis-leader FOLDER USER
# Writes FOLDER/leader.conf, with which a server logs in as USER to the server that it follows.
# Prevents that a quote or a backslash in the password ends its text in the file: the server would not start.
umask 077
password=$(< "$CREDENTIALS_DIRECTORY/$2.password")
password=${password//\\/\\\\}
password=${password//\"/\\\"}
printf 'masteruser %s\nmasterauth "%s"\n' "$2" "$password" > "$1/leader.conf"
