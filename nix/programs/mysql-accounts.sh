# mysql-accounts [USER PRIVILEGES OBJECT FILE]...
# Makes each USER, for clients on other hosts, with the password in FILE and PRIVILEGES on OBJECT. A user whose file is
# missing is left out.
# Prevents that every user of the host is MySQL's root, who has no password: after this, only the root of the host is.
runuser -u mysql -- mysql --execute "ALTER USER 'root'@'localhost' IDENTIFIED WITH auth_socket"
while [ "$#" -gt 0 ]; do
  if [ -e "$4" ]; then
    password=$(sed "s/[\\\\']/\\\\&/g" "$4")
    runuser -u mysql -- mysql <<SQL
CREATE USER IF NOT EXISTS '$1'@'%' IDENTIFIED BY '$password';
ALTER USER '$1'@'%' IDENTIFIED BY '$password';
GRANT $2 ON $3 TO '$1'@'%';
SQL
  fi
  shift 4
done
