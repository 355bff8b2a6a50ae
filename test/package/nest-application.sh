#!/usr/bin/env bash
# An application made with the Nest CLI, with its own guard, that adds Aerie by init.
source "$(dirname "$0")/lib.sh"

cd "$work"
nest new shop --skip-install --skip-git --package-manager npm > /dev/null
cp -R "$root/test/package/nest/." shop
cd shop
PATH=$PWD/node_modules/.bin:$PATH
install "@nestjs/jwt@12" "@nestjs/swagger@12" class-validator class-transformer
# Not from the installed package: npx runs the command before there is one.
until [ -x "$work/consumers/node_modules/.bin/aerie-mcp" ]; do sleep 0.5; done
"$work/consumers/node_modules/.bin/aerie-mcp" init
install "$tarball"
[ "$(npx aerie-mcp init)" = 'Nothing to do: this application has Aerie already.' ] || fail 'init changes something again.'
npm test
# Methods of its controllers become tools.
cp -R "$root/test/package/nest-tools/." .
npm run test:e2e

npm run --silent build
PORT=$(free_port)
DEV_ISSUER_PORT=$(free_port)
export PORT DEV_ISSUER_PORT
start_server "http://localhost:$PORT/mcp" npm run --silent start:prod
expect "$(curl -s -X POST "http://localhost:$PORT/api/orders")" 'Sign in to the shop.'
expect "$(curl -s "http://localhost:$PORT/docs-json")" '/api/orders'
expect "$(aerie-mcp call example --arg id=A-7 2> /dev/null)" 'Result for A-7'
expect "$(aerie-mcp call stock_of --arg article=pen 2> /dev/null)" 'There are 7 of pen.'
expect "$(aerie-mcp call create_order --arg article=pen --arg quantity=2 2>&1 || true)" 'Sign in to the shop.'
aerie-mcp doctor "http://localhost:$PORT/mcp"
stop_server
echo 'An application of the Nest CLI serves its own routes, its tool, and tools of its controllers.'
clean_up shop
