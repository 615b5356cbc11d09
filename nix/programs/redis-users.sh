# redis-users FOLDER [USER RULES]...
# Writes FOLDER/users.acl with a digest of each password. The passwords are in the credentials USER.password. If a user
# has none, one is made up and left in FOLDER.
# Prevents passwords in the Nix store, and access without a password: the default user is off, and an empty password is
# refused.
folder=$1
shift
umask 077
{
  echo "user default off"
  while [ "$#" -gt 0 ]; do
    file=$CREDENTIALS_DIRECTORY/$1.password
    if [ ! -e "$file" ]; then
      file=$folder/$1.password
      head -c 24 /dev/urandom | base64 > "$file"
    fi
    password=$(< "$file")
    if [ -z "$password" ]; then
      echo "$1: the password is empty" >&2
      exit 1
    fi
    hash=$(printf "%s" "$password" | sha256sum)
    echo "user $1 on #${hash%% *} $2"
    shift 2
  done
} > "$folder/users.acl"
