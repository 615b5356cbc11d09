# resolve-names [SET NAME]...
# Looks up each NAME and puts its addresses into the sets SET-v4 and SET-v6 of the firewall. If a name has no answer,
# its sets stay as they are.
# Prevents that a host is shut out after its address has changed: nftables looks a name up once, when it loads a rule.
while [ "$#" -gt 0 ]; do
  for family in 4 6; do
    addresses=$(getent "ahostsv$family" "$2" | awk '{ print $1 }' | grep -v "^::ffff:" | sort -u | paste -sd, || true)
    if [ -n "$addresses" ]; then
      printf 'flush set inet nixos-fw %s\nadd element inet nixos-fw %s { %s }\n' \
        "$1-v$family" "$1-v$family" "$addresses" |
        nft -f -
    fi
  done
  shift 2
done
