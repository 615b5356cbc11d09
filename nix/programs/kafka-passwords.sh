# kafka-passwords FOLDER BROKER [USER]...
# Writes FOLDER/jaas.conf, with which a broker checks its users and logs in to other brokers. Writes
# FOLDER/client.properties, with which tools log in as the broker. The passwords are in the credentials USER.password.
# The broker's own is made up if there is no credential for it.
# Prevents passwords in the Nix store. A password with other characters is refused: a quote would end its text in
# jaas.conf, and the rest of it would be read as settings.
folder=$1 broker=$2
shift
umask 077
password_of() {
  local file=$CREDENTIALS_DIRECTORY/$1.password password
  if [ "$1" = "$broker" ] && [ ! -e "$file" ]; then
    head -c 24 /dev/urandom | base64
    return
  fi
  password=$(< "$file")
  if ! [[ $password =~ ^[A-Za-z0-9+/=_.:~-]+$ ]]; then
    echo "$1: the password must be one line of letters, digits and + / = _ . : ~ -" >&2
    return 1
  fi
  printf "%s\n" "$password"
}
broker_password=$(password_of "$broker")
login='org.apache.kafka.common.security.plain.PlainLoginModule required'
{
  printf "KafkaServer {\n  %s\n" "$login"
  printf '  username="%s"\n  password="%s"' "$broker" "$broker_password"
  printf '\n  user_%s="%s"' "$broker" "$broker_password"
  for user in "${@:2}"; do
    password=$(password_of "$user")
    printf '\n  user_%s="%s"' "$user" "$password"
  done
  printf ";\n};\n"
} > "$folder/jaas.conf"
{
  printf "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n"
  printf 'sasl.jaas.config=%s username="%s" password="%s";\n' "$login" "$broker" "$broker_password"
} > "$folder/client.properties"
