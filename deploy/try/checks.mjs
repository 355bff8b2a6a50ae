import { execFile } from 'node:child_process';
import dns from 'node:dns';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { CLIENTS } from '../../test/support/clients.ts';
import { MemoryOAuthProvider } from '../../test/support/oauth-client.ts';
import { signIn } from '../../test/support/sign-in.ts';
import {
  addressesOf,
  attempt,
  compose,
  containersOf,
  docker,
  reaches,
  serviceImage,
  signTokens,
  untilServing,
} from './containers.mjs';
import * as faults from './faults.mjs';
import { call, callTool, underLoad } from './load.mjs';
import { newServer } from './new-server.mjs';

const URL = `https://localhost:${process.env.HTTPS_PORT}/mcp`;
const RATE = 200;
/** Maximum size of the image without its base. */
const MAX_LAYERS_MB = 30;

// Browsers resolve *.localhost to this machine; some system resolvers do not.
const { lookup } = dns;
dns.lookup = (host, ...rest) => lookup(host.endsWith('.localhost') ? 'localhost' : host, ...rest);

/** Checks, in order. Each returns its measurements, or "skipped: <reason>", and throws on failure. */
const checks = {
  async clients() {
    const versions = [];
    for (const [name, connectTo] of CLIENTS) {
      const authProvider = new MemoryOAuthProvider();
      const first = connectTo(URL, { authProvider });
      await first.connect().then(
        () => fail(`${name} connected without a sign-in`),
        (error) => /unauthorized/i.test(error.message) || Promise.reject(error),
      );
      const { searchParams } = await signIn(authProvider.authorizationUrl, { user: 'alice' });
      await first.finishAuth(searchParams);
      const client = await connectTo(URL, { authProvider }).connect();
      const { tools } = await client.listTools();
      expect(
        tools.some((tool) => tool.name === 'greet_user'),
        `${name} lists the tools`,
      );
      const { content } = await client.callTool({ name: 'greet_user', arguments: { name: 'Saif' } });
      expect(content[0].text.startsWith('Hi Saif'), `${name} calls a tool`);
      versions.push(`${name} (${tools.length} tools)`);
      await client.close();
    }
    return `signed in, listed and called over TLS: ${versions.join('; ')}`;
  },

  async networks() {
    const [[aerie], [proxy], [redis], [issuer], [postgres]] = await Promise.all(
      ['aerie', 'proxy', 'redis', 'issuer', 'postgres'].map(containersOf),
    );
    const redisAddress = (await addressesOf(redis)).data;
    const postgresAddress = (await addressesOf(postgres)).data;
    const issuerAddress = (await addressesOf(issuer)).issuer;
    const proxyAddress = (await addressesOf(proxy)).edge;
    expect(await reaches(aerie, redisAddress, 6379), 'an instance reaches Redis');
    expect(await reaches(aerie, postgresAddress, 5432), 'an instance reaches PostgreSQL');
    expect(await reaches(proxy, issuerAddress, 3003), 'the proxy reaches the issuer');
    for (const [from, host, port, what] of [
      [proxy, redisAddress, 6379, 'the proxy reaches Redis by address'],
      [proxy, 'redis', 6379, 'the proxy reaches Redis by name'],
      [proxy, postgresAddress, 5432, 'the proxy reaches PostgreSQL by address'],
      [proxy, 'postgres', 5432, 'the proxy reaches PostgreSQL by name'],
      [aerie, issuerAddress, 3003, 'an instance reaches the issuer past the proxy'],
      [redis, proxyAddress, Number(process.env.HTTPS_PORT), 'Redis reaches the proxy'],
      [postgres, proxyAddress, Number(process.env.HTTPS_PORT), 'PostgreSQL reaches the proxy'],
    ]) {
      expect(!(await reaches(from, host, port)), `not: ${what}`);
    }
    return 'proxy → Redis or PostgreSQL, instance → issuer, Redis or PostgreSQL → anything: no way through';
  },

  async proxy() {
    const name = `${process.env.COMPOSE_PROJECT_NAME}-echo`;
    const network = `${process.env.COMPOSE_PROJECT_NAME}_edge`;
    const echo = `require('http').createServer((req, res) => {
      if (req.url !== '/stream') return res.end(JSON.stringify(req.headers));
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      let left = 5;
      const timer = setInterval(() => { res.write('data: ' + left + '\\n\\n'); if (--left === 0) { clearInterval(timer); res.end(); } }, 200);
    }).listen(3002)`;
    try {
      await docker('run', '-d', '--name', name, '--network', network, 'aerie-issuer', 'node', '-e', echo);
      const run = ['run', '-d', '--name', `${name}-proxy`, '--network', network, '-p', '127.0.0.1::9000'];
      const files = ['-v', `${process.cwd()}/deploy/caddy:/etc/caddy:ro`, '-w', '/etc/caddy'];
      const environment = ['-e', 'PUBLIC_HOST=http://:9000', '-e', `UPSTREAMS=${name}:3002`];
      await docker(...run, ...files, ...environment, await serviceImage('proxy'));
      const url = `http://${(await docker('port', `${name}-proxy`, '9000')).split('\n')[0]}`;
      await delay(2_000);

      const forged = {
        'x-forwarded-for': '203.0.113.7',
        'x-forwarded-host': 'evil.example',
        'x-request-id': 'forged',
      };
      const seen = await (await fetch(url, { headers: forged })).json();
      expect(
        /^[\d.]+$/.test(seen['x-forwarded-for']) && seen['x-forwarded-for'] !== '203.0.113.7',
        `X-Forwarded-For is ${seen['x-forwarded-for']}`,
      );
      expect(
        seen['x-forwarded-host'] === new globalThis.URL(url).host,
        `X-Forwarded-Host is ${seen['x-forwarded-host']}`,
      );
      expect(/^[\da-f-]{36}$/.test(seen['x-request-id']), `X-Request-Id is ${seen['x-request-id']}`);

      const started = performance.now();
      const arrivals = [];
      for await (const chunk of (await fetch(`${url}/stream`)).body)
        if (chunk) arrivals.push(performance.now() - started);
      expect(
        arrivals.length === 5 && arrivals[0] < 600,
        `events came at ${arrivals.map(Math.round).join(', ')} ms`,
      );
      const hidden = await fetch(`${url}/health/ready`);
      expect(hidden.status === 404, 'readiness is not public');
      return `a client's own X-Forwarded-For, -Host and X-Request-Id are not passed on; events come one by one (${arrivals.map(Math.round).join(', ')} ms)`;
    } finally {
      await attempt(['rm', '-f', '-v', name, `${name}-proxy`]);
    }
  },

  async container() {
    const [aerie] = await containersOf('aerie');
    const inside = (...command) => attempt(['exec', aerie, ...command]);
    const status = (await inside('cat', '/proc/1/status')).output;
    expect(/^Uid:\s+1000\s/m.test(status), 'the server runs as user 1000');
    expect(
      /^CapEff:\s+0+$/m.test(status) && /^CapBnd:\s+0+$/m.test(status),
      'the server has no capabilities',
    );
    expect(/^NoNewPrivs:\s+1$/m.test(status), 'the server gains no privileges');
    expect((await inside('touch', '/app/x')).output.includes('Read-only'), 'the file system is read-only');
    for (const path of [
      'dist/dev-issuer',
      'node_modules/oidc-provider',
      'node_modules/node',
      'node_modules/@electric-sql',
    ]) {
      expect((await inside('ls', `/app/${path}`)).code !== 0, `the image does not contain ${path}`);
    }
    for (const service of (await compose('ps', '--services')).split('\n')) {
      const [name] = await containersOf(service);
      const { output } = await attempt(['exec', name, 'cat', '/proc/1/status']);
      expect(
        /^Uid:\s+[1-9]/m.test(output) && /^CapEff:\s+0+$/m.test(output),
        `${service} runs as root, or has capabilities`,
      );
    }
    const [image, base] = await Promise.all(
      ['aerie', 'node:24-slim'].map(async (name) =>
        Number(await docker('image', 'inspect', '-f', '{{.Size}}', name)),
      ),
    );
    const megabytes = (image - base) / 1e6;
    expect(megabytes <= MAX_LAYERS_MB, `our layers are ${megabytes.toFixed(1)} MB`);
    return `user 1000, read-only, no embedded issuer; no service runs as root or has capabilities; our layers ${megabytes.toFixed(1)} MB`;
  },

  async permissions() {
    const [[aerie], [redis]] = await Promise.all(['aerie', 'redis'].map(containersOf));
    // Whatever the instances have done so far, Redis has refused nothing.
    const log = await docker('exec', redis, 'redis-admin', 'acl', 'log');
    expect(log === '', `Redis has refused: ${log}`);
    const password = await docker('exec', aerie, 'cat', '/run/database/application/redis-password');
    for (const [credentials, answer, ...command] of [
      [[], 'NOAUTH', 'get', 'aerie:x'],
      [['--user', 'aerie'], 'NOPERM', 'flushall'],
      [['--user', 'aerie'], 'NOPERM', 'get', 'other'],
      [['--user', 'aerie'], '', 'get', 'aerie:x'],
    ]) {
      const environment = credentials.length > 0 ? ['-e', `REDISCLI_AUTH=${password}`] : [];
      const { output } = await attempt([
        'exec',
        ...environment,
        redis,
        'redis-cli',
        ...credentials,
        ...command,
      ]);
      expect(answer === '' ? output.trim() === '' : output.startsWith(answer), `${command}: ${output}`);
    }
    await docker('exec', redis, 'redis-admin', 'acl', 'log', 'reset');
    return 'Redis refuses callers without a password, and instances whatever is not theirs';
  },

  async refusal() {
    const missing = await attempt(['compose', '-p', 'none', 'up'], { COMPOSE_ENV_FILES: '/dev/null' });
    expect(
      missing.code !== 0 && /PUBLIC_HOST is missing a value: is the host name/.test(missing.output),
      'the error names PUBLIC_HOST',
    );
    for (const variable of ['SK_ENV_URL', 'MCP_SERVER_ID']) {
      const wrong = await attempt(['compose', 'run', '--rm', '-T', '-e', `${variable}=`, 'check']);
      expect(wrong.code === 1 && wrong.output.includes(variable), `the error names ${variable}`);
    }
    return 'without PUBLIC_HOST, SK_ENV_URL or MCP_SERVER_ID, the start fails at once and names the variable';
  },

  async kill(tokens) {
    const [victim] = await containersOf('aerie');
    const { times, failures, summary } = await underLoad(
      { url: URL, tokens, rate: RATE, seconds: 15 },
      async () => {
        const before = performance.now();
        await docker('kill', '--signal', 'KILL', victim);
        return { before, after: performance.now() };
      },
    );
    await docker('start', victim);
    await untilServing(victim);
    const later = failures.filter(({ started }) => started > times.after);
    expect(later.length === 0, `${later.length} calls begun after the kill failed: ${later[0]?.failure}`);
    const old = failures.filter(({ started, duration }) => started + duration < times.before);
    expect(old.length === 0, `${old.length} calls failed before the kill: ${old[0]?.failure}`);
    return `${summary}; ${failures.length} in flight failed, none after`;
  },

  write: () => faults.write(URL),
  paused: () => faults.paused(URL),
  reload: () => faults.reload(),
  hung: () => faults.hung(),
  restore: () => faults.restore(URL),

  async roll(tokens) {
    const { failures, summary } = await underLoad({ url: URL, tokens, rate: RATE, seconds: 60 }, async () => {
      for (const container of await containersOf('aerie')) {
        await docker('restart', container);
        await untilServing(container);
      }
    });
    expect(failures.length === 0, `${failures.length} failed (${summary}): ${failures[0]?.failure}`);
    return `${summary}; none failed`;
  },

  async upgrade(tokens) {
    const before = await Promise.all(
      (await containersOf('aerie')).map((name) => docker('inspect', '-f', '{{.Id}}', name)),
    );
    const { failures, summary } = await underLoad({ url: URL, tokens, rate: RATE, seconds: 20 }, async () => {
      process.env.LOG_LEVEL = 'error'; // any change of the configuration replaces the instances
      await promisify(execFile)('deploy/upgrade', { timeout: 180_000 });
    });
    const names = await containersOf('aerie');
    const after = await Promise.all(names.map((name) => docker('inspect', '-f', '{{.Id}}', name)));
    expect(after.length === 2 && !after.some((id) => before.includes(id)), 'both instances are new ones');
    expect(names[0].endsWith('-1') && names[1].endsWith('-2'), 'they have the names that the proxy knows');
    expect(failures.length === 0, `${failures.length} failed (${summary}): ${failures[0]?.failure}`);
    return `deploy/upgrade: ${summary}; none failed`;
  },

  async redis(tokens) {
    const { failures, summary } = await underLoad({ url: URL, tokens, rate: RATE, seconds: 20 }, async () => {
      await compose('stop', 'redis');
      await delay(5_000);
      await compose('start', 'redis');
    });
    expect(failures.length === 0, `${failures.length} failed (${summary}): ${failures[0]?.failure}`);
    return `${summary}; none failed`;
  },

  async todos() {
    const prefix = `todos${Date.now()}x`;
    const [acme, globex] = await signTokens(2, prefix);
    const { id } = (await resultOf(acme, 'add_todo', { title: `of ${prefix}` })).structuredContent;
    // Enough calls to reach both instances.
    const lists = (token) =>
      Promise.all(Array.from({ length: 10 }, () => resultOf(token, 'list_todos', { status: 'all' })));
    for (const { structuredContent } of await lists(acme)) {
      expect(structuredContent.todos.map((todo) => todo.id).join() === id, 'its own organization sees it');
    }
    for (const { structuredContent } of await lists(globex)) {
      expect(structuredContent.todos.length === 0, 'another organization sees nothing');
    }
    const { isError } = await resultOf(globex, 'delete_todo', { id });
    expect(isError, 'another organization cannot delete it');

    const [aerie] = await containersOf('aerie');
    const inside = await attempt(['exec', aerie, 'ls', '/run/database']);
    expect(inside.output.trim() === 'application', `an instance has ${inside.output}`);
    await resultOf(acme, 'delete_todo', { id });
    return 'an organization sees its todo on both instances, and nobody else does; no instance has the owner’s password';
  },

  async database(tokens) {
    const [token] = await signTokens(1, `away${Date.now()}x`);
    let away;
    const { failures, summary } = await underLoad({ url: URL, tokens, rate: RATE, seconds: 20 }, async () => {
      await compose('stop', 'postgres');
      away = await resultOf(token, 'list_todos', {});
      await delay(5_000);
      await compose('start', 'postgres');
    });
    expect(
      away.isError && /^The database cannot be reached now/.test(away.content[0].text),
      `while it is away: ${JSON.stringify(away)}`,
    );
    const deadline = Date.now() + 30_000;
    while ((await resultOf(token, 'list_todos', {})).isError) {
      expect(Date.now() < deadline, 'the database does not come back');
      await delay(200);
    }
    expect(failures.length === 0, `${failures.length} failed (${summary}): ${failures[0]?.failure}`);
    return `${summary}; no call that needs no database failed`;
  },

  async sessions() {
    const [token, other] = await signTokens(2, `session${Date.now()}x`);
    const hosts = await Promise.all(
      (await containersOf('aerie')).map((name) => docker('inspect', '-f', '{{.Config.Hostname}}', name)),
    );
    const opened = await Promise.all(Array.from({ length: 10 }, () => openSession(token)));
    const instances = new Set(opened.map((id) => id.split('-')[0]));
    expect(
      instances.size === 2 && hosts.every((host) => instances.has(host)),
      `sessions in ${[...instances]}`,
    );
    for (let round = 0; round < 5; round++) {
      const statuses = await Promise.all(opened.map(async (id) => (await inSession(id, token)).status));
      expect(
        statuses.every((status) => status === 200),
        `each session is found: ${statuses}`,
      );
    }
    const uuid = '00000000-0000-4000-8000-000000000000';
    const refused = {
      "another caller's session": await inSession(opened[0], other),
      'an unknown session': await inSession(`${hosts[0]}-${uuid}`, token),
      'a session of a removed instance': await inSession(`000000000000-${uuid}`, token),
      'another host': await inSession(`redis-${uuid}`, token),
    };
    for (const [what, { status }] of Object.entries(refused)) expect(status === 404, `${what}: ${status}`);
    return `${opened.length} sessions over both instances, each found 5 times; any other id is 404`;
  },

  async limits() {
    const [token] = await signTokens(1, `limited${Date.now()}x`);
    const probe = await call(URL, token);
    if (![...probe.headers.keys()].some((name) => name.includes('ratelimit')))
      return 'skipped: no rate limits in this build';
    const limit = Number((process.env.RATE_LIMIT_CALLER ?? '120/min').split('/')[0]);
    let allowed = probe.failure ? 0 : 1;
    let refused = 0;
    for (let round = 0; refused === 0 && round < 2 * limit; round += 10) {
      const results = await Promise.all(Array.from({ length: 10 }, () => call(URL, token)));
      allowed += results.filter(({ status }) => status === 200).length;
      refused += results.filter(({ status }) => status === 429).length;
    }
    expect(Math.abs(allowed - limit) <= 1, `${allowed} calls of ${limit} were allowed`);
    return `${allowed} of ${limit} calls a minute allowed over both instances together, then 429`;
  },

  async revocation() {
    const [aerie] = await containersOf('aerie');
    if ((await attempt(['exec', aerie, 'ls', 'dist/cli/main.js'])).code !== 0)
      return 'skipped: no revocation in this build';
    const prefix = `revoked${Date.now()}x`;
    const [token] = await signTokens(1, prefix);
    expect((await call(URL, token)).status === 200, 'the token is valid at first');
    await docker('exec', aerie, 'node', 'dist/cli/main.js', 'revoke', '--subject', `usr_${prefix}0`);
    const revoked = performance.now();
    let last = revoked;
    while (performance.now() - revoked < 3_000) {
      const results = await Promise.all(Array.from({ length: 4 }, () => call(URL, token)));
      results
        .filter(({ status }) => status === 200)
        .forEach(({ started }) => (last = Math.max(last, started)));
      await delay(20);
    }
    const milliseconds = Math.round(last - revoked);
    expect(milliseconds <= 1_000, `the token stayed valid for another ${milliseconds} ms`);
    return `on both instances within ${milliseconds} ms`;
  },

  /** Last, because packing removes dist. */
  new: newServer,
};

async function resultOf(token, name, args) {
  const response = await callTool(URL, token, name, args);
  const { result } = await response.json();
  expect(result, `${name} is answered, ${response.status}`);
  return result;
}

const postTo = (token, body, headers = {}) =>
  fetch(URL, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }),
  });

async function openSession(token) {
  const clientInfo = { name: 'try-it', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const response = await postTo(token, { method: 'initialize', params });
  await response.text();
  const id = response.headers.get('mcp-session-id');
  expect(id, `a session is opened, ${response.status}`);
  return id;
}

async function inSession(id, token) {
  const response = await postTo(token, { method: 'tools/list' }, { 'mcp-session-id': id });
  await response.text();
  return response;
}

function fail(problem) {
  throw new Error(problem);
}

function expect(holds, what) {
  if (!holds) fail(what);
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(checks, name));
if (unknown.length > 0)
  fail(`Unknown check: ${unknown.join(', ')}. Use one of ${Object.keys(checks).join(', ')}.`);

// Enough tokens that no caller reaches a limit: one call per caller every two seconds.
const tokens = await signTokens(2 * RATE, 'load');
let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  try {
    const outcome = await check(tokens);
    process.stdout.write(`${outcome.startsWith('skipped') ? '–' : '✓'} ${name.padEnd(10)} ${outcome}\n`);
  } catch (error) {
    failed += 1;
    process.stdout.write(`✗ ${name.padEnd(10)} ${error.message}\n`);
  }
}
process.exit(failed > 0 ? 1 : 0);
