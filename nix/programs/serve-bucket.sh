# serve-bucket ADDRESS
# Serves the remote `store` by S3 at ADDRESS, to clients that have the key in the credentials of the unit.
# Prevents that other users see the key, as they would on a command line.
value() { sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*//p" "$CREDENTIALS_DIRECTORY/credentials"; }
RCLONE_AUTH_KEY=$(printf '"%s,%s"' "$(value aws_access_key_id)" "$(value aws_secret_access_key)")
export RCLONE_AUTH_KEY
exec rclone serve s3 --config "" --addr "$1" store:
