// Records the session of the first page: runs its commands in a fresh clone of the last commit, and draws what they
// print to docs/images/session.svg. Needs the ports 3002 and 3003, and `npm ci`.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { atExit, exitAtSignals } from '../bench/at-exit.ts';
import { type Line, type Screen, terminalSvg } from './terminal-svg.ts';

const KEYSTROKE_MS = 38;
/** Maximum time for which nothing changes while a command runs. */
const MAX_WAIT_MS = 900;
/** Maximum time until the server has printed its addresses. */
const START_TIMEOUT_MS = 120_000;

const root = resolve(import.meta.dirname, '..');
exitAtSignals();
const folder = mkdtempSync(join(tmpdir(), 'aerie-recording-'));
atExit(() => rmSync(folder, { recursive: true, force: true }));
const clone = join(folder, 'aerie');
execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${root}`, clone]);
symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
const env = {
  ...process.env,
  PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
  npm_config_loglevel: 'silent', // without the lines in which npm repeats the command
};

let nowMs = 500;
let screen: Line[] = [];
const screens: Screen[] = [];

const show = (text: string, kind: Line['kind'], typingMs = 0): void => {
  screen.push({ text, kind, atMs: nowMs, typingMs });
  nowMs += typingMs;
};
const print = (output: string): void => {
  for (const text of output.replace(/\n$/, '').split('\n')) show(text, 'output');
};
const type = (command: string): void => {
  show(`$ ${command}`, 'command', command.length * KEYSTROKE_MS);
  nowMs += 300;
};
/** Leaves readers time, and clears the terminal unless more follows. */
const pause = (ms: number, clears: boolean): void => {
  nowMs += ms;
  if (!clears) return show('', 'output');
  screens.push(screen);
  screen = [];
};

const run = (command: string): void => {
  type(command);
  const startedMs = performance.now();
  const output = execFileSync('sh', ['-c', command], { cwd: clone, env, encoding: 'utf8' });
  nowMs += Math.min(performance.now() - startedMs, MAX_WAIT_MS);
  print(output);
};

/** Starts the server, waits until it has printed its addresses, and shows what it printed. */
const start = async (isShown: boolean): Promise<() => Promise<void>> => {
  if (isShown) type('npm start');
  const server = spawn('npm', ['start'], {
    cwd: clone,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = (): void => {
    if (server.pid && server.exitCode === null && server.signalCode === null)
      process.kill(-server.pid, 'SIGTERM');
  };
  const cancelEnd = atExit(end);
  const ended = once(server, 'close');
  let output = '';
  server.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!output.includes('curl -s')) {
    if (server.exitCode !== null) throw new Error(`The server ended: ${output}`);
    if (performance.now() > deadline)
      throw new Error(`The server did not start within ${START_TIMEOUT_MS / 1000} s: ${output}`);
    await sleep(100);
  }
  await sleep(500);
  nowMs += MAX_WAIT_MS;
  if (isShown) print(output.slice(0, output.indexOf('  Call a tool from')).trimEnd());
  return async () => {
    end();
    await ended;
    cancelEnd();
  };
};

const stop = await start(true);
pause(4500, true);
show('# in a second terminal', 'comment');
run('npm run aerie -- call greet_user --arg name=Saif');
pause(1500, false);
run('npm run aerie -- new tool order-status');
pause(2000, true);
const file = 'src/tools/order-status/order-status.tools.ts';
run(`tail -n +6 ${file}`);
pause(4500, true);
await stop();
const stopAgain = await start(false);
show('# after a restart of the server', 'comment');
run('npm run aerie -- call order_status --arg id=A-7');
pause(4000, true);
await stopAgain();
const title = `A terminal: npm start, a call of greet_user, a new tool, and a call of it. ${(nowMs / 1000).toFixed(0)} seconds.`;
const target = join(root, 'docs/images/session.svg');
writeFileSync(target, terminalSvg(title, screens, nowMs));
process.stdout.write(`${target}: ${(nowMs / 1000).toFixed(1)} s, ${readFileSync(target).length} bytes\n`);
