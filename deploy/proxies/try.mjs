#!/usr/bin/env node
/**
 * Runs the configurations of this folder in front of two instances, with TLS, and checks what docs/proxies.md says.
 * Takes about a minute for each proxy.
 *
 *     npm run build && node deploy/proxies/try.mjs              every proxy that is installed
 *     NGINX=/opt/nginx/sbin/nginx node deploy/proxies/try.mjs nginx   only this one, which must be installed
 *
 * Needs openssl and the development dependencies. CADDY, ENVOY, NGINX and TRAEFIK name the programs, if they are not
 * in the PATH.
 */
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { newCaller } from './caller.mjs';
import { checks } from './checks.mjs';

const FOLDER = import.meta.dirname;
const scratch = mkdtempSync(join(tmpdir(), 'aerie-proxies-'));
// nginx's workers run as another user and keep large bodies here.
chmodSync(scratch, 0o755);
const INSTANCES = { 'aerie-1': 21_811, 'aerie-2': 21_812 };
const PORT = 21_810;
const ADMIN_PORT = 21_813;
const running = new Map();
/** Log lines of the instances that have ended. */
const ended = [];

/** Whether this nginx knows keepalive_min_timeout. Without it, a reload closes connections that clients are using. */
const hasKeepaliveMinimum = (version) => version.localeCompare('1.27.4', 'en', { numeric: true }) >= 0;

/** How each proxy is started. All of them need the changes of `locally` first. */
const PROXIES = {
  nginx: {
    files: ['nginx.conf'],
    change: (text, version) =>
      text
        .replace('# keepalive_min_timeout', hasKeepaliveMinimum(version) ? 'keepalive_min_timeout' : '$&')
        .replace('listen 443', `listen 127.0.0.1:${PORT}`)
        .replace(
          'server_tokens off;',
          ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
            .map((name) => `${name}_temp_path ${scratch}/${name};`)
            .join(' '),
        ),
    /** Takes an instance out, or back in, and reloads. */
    balance: (file, instance, isDown) => {
      const server = new RegExp(
        `(server 127.0.0.1:${INSTANCES[instance]} max_fails=3 fail_timeout=2s)( down)?;`,
      );
      const text = readFileSync(file('nginx.conf'), 'utf8');
      writeFileSync(file('nginx.conf'), text.replace(server, isDown ? '$1 down;' : '$1;'));
      running.get('nginx').child.kill('SIGHUP');
    },
    reload: () => running.get('nginx').child.kill('SIGHUP'),
    reloadClosesConnections: (version) => !hasKeepaliveMinimum(version),
    run: (file) => ['-c', file('nginx.conf'), '-e', 'stderr', '-g', `daemon off; pid ${scratch}/nginx.pid;`],
  },
  caddy: {
    files: ['Caddyfile'],
    change: (text) =>
      text.replace(
        'https_port 443',
        `https_port ${PORT}\n\tadmin 127.0.0.1:${ADMIN_PORT}\n\tdefault_bind 127.0.0.1`,
      ),
    reload: (file, _count, program) =>
      promisify(execFile)(program, [
        ...['reload', '--force', '--adapter', 'caddyfile', '--config', file('Caddyfile')],
        ...['--address', `127.0.0.1:${ADMIN_PORT}`],
      ]),
    reloadClosesConnections: () => true,
    run: (file) => ['run', '--adapter', 'caddyfile', '--config', file('Caddyfile')],
  },
  envoy: {
    files: ['envoy.yaml'],
    change: (text) =>
      text
        .replace('0.0.0.0, port_value: 443', `127.0.0.1, port_value: ${PORT}`)
        .replaceAll(
          /address: (aerie-\d), port_value: 3002/g,
          (_, name) => `address: 127.0.0.1, port_value: ${INSTANCES[name]}`,
        ),
    run: (file) => [
      '--config-path',
      file('envoy.yaml'),
      '--disable-hot-restart',
      '--log-level',
      'warning',
      '--concurrency',
      '1',
    ],
  },
  traefik: {
    files: ['traefik.yml', 'traefik-routes.yml'],
    change: (text) =>
      text
        .replace(':443', `127.0.0.1:${PORT}`)
        .replace('/etc/traefik/routes.yml', join(scratch, 'traefik-routes.yml')),
    /** Traefik watches the file, and must not see a part of it. It takes the file only if something has changed. */
    reload: (file, count) => {
      const text = readFileSync(file('traefik-routes.yml'), 'utf8');
      writeFileSync(file('new-routes.yml'), text.replace(/timeout: \d+s/, `timeout: ${4 + count}s`));
      renameSync(file('new-routes.yml'), file('traefik-routes.yml'));
    },
    /** Its own answers have neither headers nor another status. */
    answersPlainly: true,
    run: (file) => ['--configFile', file('traefik.yml')],
  },
};

/** Replaces the addresses and paths of a real network. */
const locally = (text) =>
  text
    .replaceAll(/(aerie-\d):3002/g, (_, name) => `127.0.0.1:${INSTANCES[name]}`)
    .replaceAll('/etc/tls', scratch);

async function start(name, program, args, environment = {}) {
  const child = spawn(program, args, { cwd: scratch, env: { ...process.env, ...environment } });
  const lines = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => lines.push(...text.split('\n').filter(Boolean)));
  running.set(name, { child, lines });
  await Promise.race([once(child, 'spawn'), once(child, 'error').then(([error]) => Promise.reject(error))]);
}

async function stop(name, signal = 'SIGTERM') {
  const { child, lines } = running.get(name);
  running.delete(name);
  if (name in INSTANCES) child.once('close', () => ended.push(...lines));
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await Promise.race([exit, delay(20_000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))]);
}

async function until(condition, name) {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition().catch(() => false)) return;
    if (running.get(name)?.child.exitCode != null) break;
    await delay(100);
  }
  throw new Error(`${name} does not answer:\n${running.get(name)?.lines.slice(-20).join('\n')}`);
}

async function startInstance(name) {
  await start(name, process.execPath, [join(FOLDER, 'server.mjs')], {
    NODE_ENV: 'production',
    RESOURCE_URL: 'https://mcp.example.com/mcp',
    AUTH_MODE: 'jwt',
    JWT_ISSUER: 'https://login.example.com',
    JWT_PUBLIC_KEY_FILE: join(scratch, 'public.pem'),
    HOST: '127.0.0.1',
    PORT: String(INSTANCES[name]),
    INSTANCE_NAME: name,
    TRUSTED_PROXIES: '127.0.0.1',
    MCP_SESSIONS: 'on',
    MCP_SSE: 'on',
    RATE_LIMIT_CALLER: '100000/min',
    RATE_LIMIT_ORGANIZATION: '100000/min',
    MAX_SESSIONS_PER_CALLER: '100',
    SHUTDOWN_DELAY: '5s',
  });
  await until(async () => (await fetch(`http://127.0.0.1:${INSTANCES[name]}/health/ready`)).ok, name);
}

function openssl(...args) {
  execFileSync('openssl', args, { cwd: scratch, stdio: 'pipe' });
}

/** Returns the version of a program, or nothing if it is not installed. */
function version(program, name) {
  const argument = { nginx: '-v', envoy: '--version' }[name] ?? 'version';
  const { error, stdout, stderr } = spawnSync(program, [argument], { encoding: 'utf8' });
  return error ? undefined : (/(?<!go)\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] ?? '(unknown version)');
}

async function tryProxy(name, program, version) {
  const { files, change, run, balance, reload, reloadClosesConnections, answersPlainly } = PROXIES[name];
  const file = (of) => join(scratch, of);
  for (const of of files)
    writeFileSync(file(of), locally(change(readFileSync(join(FOLDER, of), 'utf8'), version)));
  await start(name, program, run(file));
  const caller = await newCaller({ port: PORT, scratch });
  await until(async () => (await caller.request({ method: 'GET', path: '/health' })).status === 200, name);
  await delay(2_000); // the first health checks of the instances
  const isClosing = reloadClosesConnections?.(version) ?? false;
  const instances = {
    answersPlainly: answersPlainly ?? false,
    reloadClosesConnections: isClosing,
    replacementClosesConnections: isClosing && balance !== undefined,
    log: () => ended.concat(Object.keys(INSTANCES).flatMap((of) => running.get(of).lines)),
    reload: reload && ((count) => reload(file, count, program)),
    kill: (of) => stop(of, 'SIGKILL'),
    start: startInstance,
    /** Replaces an instance, as an operator does. Calls back while it is down. */
    replace: async (of, whileDown) => {
      balance?.(file, of, true);
      await delay(balance ? 1_000 : 0);
      await stop(of);
      await whileDown();
      await startInstance(of);
      balance?.(file, of, false);
    },
  };
  let failed = 0;
  // All at a time: most of them wait.
  const { killed, down, reload: reloaded, roll, ...others } = checks;
  const attempt = async ([title, check]) => {
    try {
      const seen = await check(caller, instances);
      console.log(`  ${seen ? '✓' : '–'} ${title.padEnd(12)} ${seen ?? 'not possible'}`);
    } catch (error) {
      failed += 1;
      console.log(`  ✗ ${title.padEnd(12)} ${error.message}`);
    }
  };
  await Promise.all(Object.entries(others).map(attempt));
  await attempt(['killed', killed]);
  await attempt(['down', down]);
  await attempt(['reload', reloaded]);
  await attempt(['roll', roll]);
  await stop(name);
  return failed;
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    for (const { child } of running.values()) child.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true });
    process.exit(1);
  });

const chosen = process.argv.slice(2);
let failures = 0;
try {
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', 'tls.key', '-out', 'tls.crt', '-subj', '/CN=mcp.example.com', '-addext', 'subjectAltName=DNS:mcp.example.com'); // prettier-ignore
  openssl('genpkey', '-algorithm', 'ED25519', '-out', 'private.pem');
  openssl('pkey', '-in', 'private.pem', '-pubout', '-out', 'public.pem');
  await Promise.all(Object.keys(INSTANCES).map(startInstance));
  for (const name of Object.keys(PROXIES)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    const program = process.env[name.toUpperCase()] ?? name;
    const found = version(program, name);
    if (!found) {
      console.log(`${name}: not installed`);
      if (chosen.length > 0) failures += 1;
    } else {
      console.log(`${name} ${found}`);
      failures += await tryProxy(name, program, found);
    }
  }
} finally {
  await Promise.all([...running.keys()].map(stop));
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(failures > 0 ? 1 : 0);
