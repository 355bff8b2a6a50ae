#!/usr/bin/env bash
# A new server, made as by "npm create aerie-mcp".
source "$(dirname "$0")/lib.sh"

cd "$work"
npm exec --yes --package "$create_tarball" -- create-aerie-mcp my-server > /dev/null
if npm exec --yes --package "$create_tarball" -- create-aerie-mcp my-server 2> /dev/null; then
  fail 'create-aerie-mcp writes over files.'
fi
cd my-server
PATH=$PWD/node_modules/.bin:$PATH
range=$(node -p "require('./package.json').dependencies['aerie-mcp']")
[ "$range" = "^$(node -p "require('$root/package.json').version")" ] || fail "The new server depends on aerie-mcp $range."
install "$tarball"
npm test

PORT=$(free_port)
DEV_ISSUER_PORT=$(free_port)
export PORT DEV_ISSUER_PORT
url=http://localhost:$PORT/mcp
start_server "$url" npm start
token=$(npx aerie-mcp token 2> /dev/null)
answer=$(npx --yes @modelcontextprotocol/inspector@2 --cli --server-url "$url" --transport http \
  --header "Authorization: Bearer $token" --method tools/call --tool-name greet --tool-arg greeting=Hello)
expect "$answer" 'Hello, usr_'
expect "$(aerie-mcp call greet --arg greeting=Hi 2> /dev/null)" 'Hi, usr_'
aerie-mcp doctor "$url"
status() { curl -so /dev/null -w '%{http_code}' "http://localhost:$PORT/health/$1"; }
expect "$(status live) $(status ready)" '200 200'
stop_server
echo 'A new server starts, and the Inspector calls its tool.'

# An issuer that cannot be reached.
start_production_server() {
  NODE_ENV=production HOST=127.0.0.1 SK_ENV_URL=https://localhost:1 MCP_SERVER_ID=res_1 \
    RESOURCE_URL=https://mcp.example.com/mcp ALLOWED_HOSTS=localhost start_server "$url" node dist/main.js
}
start_production_server
expect "$(status live) $(status ready)" '200 503'
health=$(sed -n 's/.*fetch(`http:[^}]*}\([^`]*\)`.*/\1/p' Dockerfile)
expect "$health" /health/ready
stop_server
echo 'A new server is not ready while its issuer cannot be reached.'

# A guard for all routes.
sed -i.plain "s/forRoot(configuration)/forRoot(configuration, { guard: 'global' })/" src/app.module.ts
start_server "$url" npm start
expect "$(status live) $(status ready)" '200 200'
stop_server
mv src/app.module.ts.plain src/app.module.ts
echo 'A new server answers probes without a token.'

aerie-mcp new tool billing/invoice
nest generate --collection aerie-mcp prompt week-report
npm run --silent build
npm test
echo 'The command and the schematic write what compiles and passes.'

# As the image does.
eval "$(sed -n 's/^RUN \(npm run .*\)/\1/p' Dockerfile)"
for name in oidc-provider @modelcontextprotocol/client @nestjs/testing @nestjs/cli typescript vitest; do
  if [ -e "node_modules/$name" ]; then fail "The image has $name, which is for development."; fi
done
[ -e node_modules/ipaddr.js ] || fail 'The image lacks ipaddr.js, which OpenAPI documents as tools need.'
start_production_server
expect "$(status live) $(status ready)" '200 503'
stop_server
echo 'A new server starts without the packages for development.'
clean_up my-server
