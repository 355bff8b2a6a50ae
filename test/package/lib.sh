# Shared by the scripts of this folder. They run with: root, work, tarball and create_tarball in the environment.
set -euo pipefail
set -m # a process group for each background job, so that "npm start" ends with its server
PATH=$root/node_modules/.bin:$PATH # the Node.js of development, if it is installed

server=
trap 'stop_server' EXIT

fail() {
  echo "$1" >&2
  exit 1
}

# Version of a package in this repository.
version() {
  node -p "require('$root/node_modules/$1/package.json').version"
}

install() {
  npm install --silent --prefer-offline --no-audit --no-fund "$@"
}

free_port() {
  node -e 'require("net").createServer().listen(0, function () { console.log(this.address().port); this.close(); })'
}

# Starts a server in the background, and waits until it answers at the URL.
start_server() {
  local url=$1
  shift
  "$@" > server.log 2>&1 &
  server=$!
  for _ in $(seq 150); do
    if curl -so /dev/null "$url"; then return; fi
    kill -0 "$server" 2>/dev/null || fail "The server ended:
$(cat server.log)"
    sleep 0.2
  done
  fail "The server does not answer:
$(cat server.log)"
}

stop_server() {
  [ -z "$server" ] || kill -- "-$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  server=
}

# Fails unless the text contains the part.
expect() {
  case $1 in
    *"$2"*) ;;
    *) fail "Expected \"$2\", received: $1
$(tail -n 30 server.log 2>/dev/null || true)" ;;
  esac
}

# Removes a folder of the work when it is no longer needed. Removing all at the end takes half a minute on slow disks.
clean_up() {
  cd "$work"
  rm -rf "$1"
}
