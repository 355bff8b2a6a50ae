#!/usr/bin/env bash
# Applications that add the package by hand, as CommonJS and as ES modules. Both use one folder of packages.
source "$(dirname "$0")/lib.sh"

# Compiles an application, and calls its tool.
try_consumer() {
  cp -R "$root/test/package/$1" "$work/consumers/$1"
  cd "$work/consumers/$1"
  tsc
  npx aerie-mcp keygen --type ed25519 > /dev/null
  export AUTH_MODE=jwt JWT_PUBLIC_KEY_FILE=public.pem JWT_ISSUER=https://issuer.example.com
  PORT=$(free_port)
  export PORT RESOURCE_URL="http://localhost:$PORT/mcp"
  token=$(aerie-mcp token --key private.pem --issuer "$JWT_ISSUER" --audience "$RESOURCE_URL" --subject alice --scopes greet)
  start_server "$RESOURCE_URL" node dist/main.js
  answer=$(curl -s "$RESOURCE_URL" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
    -H 'Accept: application/json, text/event-stream' \
    -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"greet","arguments":{"greeting":"Hello"}}}')
  expect "$answer" 'Hello, alice!'
  aerie-mcp revoke --subject mallory > /dev/null
  expect "$(aerie-mcp revoke --list)" mallory
  stop_server
  echo "An application of $1 serves its tool."
}

# Oldest version of a peer that the package accepts.
oldest() {
  tar -xOf "$tarball" package/package.json |
    node -p 'JSON.parse(fs.readFileSync(0, "utf8")).peerDependencies[process.argv[1]].slice(1)' "$1"
}

mkdir "$work/consumers"
cd "$work/consumers"
PATH=$PWD/node_modules/.bin:$PATH
echo '{ "private": true }' > package.json
# First without optional peers, which this application does not need, and with the oldest versions of the others.
install "$tarball" reflect-metadata rxjs \
  "@nestjs/common@$(oldest @nestjs/common)" "@nestjs/core@$(oldest @nestjs/core)" \
  "@nestjs/platform-express@$(oldest @nestjs/platform-express)" "zod@$(oldest zod)" \
  "typescript@npm:@typescript/typescript6@$(version typescript)" "@types/node@$(version @types/node)"
# The package has no application of its own.
if aerie-mcp --help | grep -E '^  (start|check|migrate) '; then fail 'The package lists commands that it has not.'; fi
missing=$(node "$root/test/package/static-imports.mjs" node_modules/aerie-mcp/dist)
[ -z "$missing" ] || fail "The package lacks files that it imports:
$missing"
try_consumer commonjs

cd "$work/consumers"
install "@nestjs/common@$(version @nestjs/common)" "@nestjs/core@$(version @nestjs/core)" \
  "@nestjs/platform-express@$(version @nestjs/platform-express)" "zod@$(version zod)" \
  "@nestjs/config@$(version @nestjs/config)" "@nestjs/testing@$(version @nestjs/testing)" \
  "@modelcontextprotocol/client@$(version @modelcontextprotocol/client)" "jest@$(version jest)" \
  "@jest/globals@$(version @jest/globals)" vitest@5 "@scalekit-sdk/node@$(version @scalekit-sdk/node)" \
  "oidc-provider@$(version oidc-provider)" "ipaddr.js@$(version ipaddr.js)" # the issuer of tests
try_consumer esm
vitest run --update # writes the snapshot, which a machine of CI does not
CI=true vitest run
# Jest loads ES modules behind this flag, and those that packages require() from Node.js 24.9 on.
if node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 24 ? 1 : 0)'; then
  node --experimental-vm-modules ../node_modules/jest/bin/jest.js
fi
