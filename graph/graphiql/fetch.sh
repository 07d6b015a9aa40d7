#!/usr/bin/env bash
# Fetches the third-party files in assets/ through the npm client, at pinned versions, and checks each package against its sha512.
#
#   fetch.sh           writes the files into assets/
#   fetch.sh --check   compares them with what is there, and fails where one differs
#
# Nothing is installed and no script of a package is run. To move to another version, change its line in the table; the
# checksum is what `npm view NAME@VERSION dist.integrity` prints. assets/LICENSES.txt is kept by hand: see its first lines.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
assets=$here/assets

# package@version | sha512 of the packed package, base64 | file in the package | name in assets/
table='
react@18.3.1|wS+hAgJShR0KhEvPJArfuPVN1+Hz1t0Y6n5jLrGQbkb4urgPE/0Rve+1kMB1v/oWgHgm4WIcV+i7F2pTVj+2iQ==|umd/react.production.min.js|react.production.min.js
react-dom@18.3.1|5m4nQKp+rZRb09LNH59GM4BxTh9251/ylbKIbpe7TpGxfJ+9kv6BLkLBXIjjspbgbnIBNqlI23tRnTWT0snUIw==|umd/react-dom.production.min.js|react-dom.production.min.js
graphiql@4.1.2|rNlzQIAzm6i2KBXmVQWBgLvt0TloxFVB2d18bukvdsvjEuFDHsKx5IVOomL1W1o5WW+tE54+ioHb2AEKzO2cUg==|graphiql.min.js|graphiql.min.js
graphiql@4.1.2|rNlzQIAzm6i2KBXmVQWBgLvt0TloxFVB2d18bukvdsvjEuFDHsKx5IVOomL1W1o5WW+tE54+ioHb2AEKzO2cUg==|graphiql.min.css|graphiql.min.css
graphql-ws@6.4.2|wxhPhhOGJo8PbGDkBYVE76sZLDrS+GkyrR4bZECSLVbo0pZZNKs0HtBh2Ip/uaUuiVUxwO9ssI9R92buQfNSqQ==|umd/graphql-ws.min.js|graphql-ws.min.js
'

case ${1-} in
  '' | --check) ;;
  *) echo "usage: $0 [--check]" >&2; exit 2 ;;
esac
for tool in npm openssl tar; do
  command -v "$tool" >/dev/null || { echo "$0: $tool is needed and was not found on PATH" >&2; exit 1; }
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# unpack SPEC SHA512: leaves the package's files in a folder of their own, prints its path
unpack() {
  local dir=$scratch/${1//\//_}
  if [ ! -d "$dir" ]; then
    mkdir "$dir"
    (cd "$dir" && npm pack --silent --ignore-scripts "$1" >/dev/null)
    local got; got=$(openssl dgst -sha512 -binary "$dir"/*.tgz | base64 -w0)
    [ "$got" = "$2" ] || { echo "$0: $1: its sha512 is $got, pinned is $2" >&2; return 1; }
    tar -xzf "$dir"/*.tgz -C "$dir"
  fi
  printf '%s' "$dir/package"
}

differ=0
while IFS='|' read -r spec sha512 from to; do
  [ -n "$spec" ] || continue
  package=$(unpack "$spec" "$sha512")
  if [ "${1-}" != --check ]; then
    install -m 0644 "$package/$from" "$assets/$to"
    echo "wrote $to from $spec"
  elif cmp -s "$package/$from" "$assets/$to"; then
    echo "$to is that of $spec"
  else
    echo "$to differs from that of $spec" >&2
    differ=1
  fi
done <<<"$table"
exit $differ
