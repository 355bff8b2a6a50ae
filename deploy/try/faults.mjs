import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { attempt, compose, containersOf, docker, signTokens, untilServing } from './containers.mjs';
import { callTool } from './load.mjs';

/** Signals the server in a container, which is the only child of process 1. */
const signal = (container, name) =>
  docker('exec', container, 'sh', '-c', `kill -${name} $(cat /proc/1/task/1/children)`);

function expect(holds, what) {
  if (!holds) throw new Error(what);
}

/** Calls a tool of the todos. Returns the response and its result, if any. */
async function callTodos(url, token, name, args, key) {
  const _meta = key && { 'aerie/idempotency-key': key };
  const response = await callTool(url, token, name, args, { _meta });
  const text = await response.text();
  return { response, text, result: response.ok ? JSON.parse(text).result : undefined };
}

const titlesOf = async (url, token) => {
  const { result, text } = await callTodos(url, token, 'list_todos', { status: 'all', limit: 100 });
  expect(result?.structuredContent, `todos are listed: ${text}`);
  return result.structuredContent.todos.map(({ title }) => title);
};

/** An instance is killed while it writes: the client learns what it may repeat, and a key makes that safe. */
export async function write(url) {
  const tokens = await signTokens(40, `write${Date.now()}x`);
  const [victim] = await containersOf('aerie');
  const calls = [];
  let killed;
  for (let index = 0; index < 1_000; index++) {
    const token = tokens[index % tokens.length];
    const title = `write ${index}`;
    calls.push(
      callTodos(url, token, 'add_todo', { title }, title).then((sent) => ({ ...sent, token, title })),
    );
    await delay(3);
    if (index === 300) killed = signal(victim, 'KILL');
  }
  await killed;
  const outcomes = await Promise.all(calls);
  const titles = new Map(
    await Promise.all(tokens.map(async (token) => [token, new Set(await titlesOf(url, token))])),
  );
  const failures = outcomes.filter(({ response }) => !response.ok && response.status !== 429);
  let committed = 0;
  for (const { response, text, token, title } of failures) {
    const { status } = response;
    const isStored = titles.get(token).has(title);
    if (isStored) committed++;
    if (status === 503) expect(!isStored, `a call with 503 was committed: ${text}`);
    else {
      expect(status === 502 && text.includes('The outcome is unknown'), `a call got ${status} ${text}`);
      expect(!response.headers.has('retry-after'), '502 has no Retry-After');
    }
  }
  expect(failures.length > 0, 'no call was in flight when the instance was killed');
  await untilServing(victim);
  for (const { token, title } of failures) {
    const { response, result } = await callTodos(url, token, 'add_todo', { title }, title);
    expect(response.status === 200 && !result.isError, `${title} is repeated, ${response.status}`);
  }
  for (const token of tokens) {
    const all = await titlesOf(url, token);
    expect(new Set(all).size === all.length, `a repeated call was committed twice: ${all}`);
  }
  return `${failures.length} of ${calls.length} writes failed, ${committed} of them committed, none of these with 503; repeated with their keys, each is there once`;
}

/** PostgreSQL hangs: instances stay in service, and say so at once. */
export async function paused(url) {
  const [token] = await signTokens(1, `paused${Date.now()}x`);
  const [postgres] = await containersOf('postgres');
  const instances = await containersOf('aerie');
  const probe = `const seen = []; const end = Date.now() + 6_000;
    while (Date.now() < end) { const start = performance.now();
      const { status } = await fetch('http://127.0.0.1:3002/health/ready');
      seen.push([status, performance.now() - start]); await new Promise((done) => setTimeout(done, 100)); }
    console.log(JSON.stringify(seen));`;
  await docker('pause', postgres);
  try {
    const seen = await Promise.all(
      instances.map((name) => docker('exec', name, 'node', '--input-type=module', '--eval', probe)),
    );
    const answers = seen.flatMap((text) => JSON.parse(text));
    const took = answers.map(([, duration]) => duration).toSorted((one, other) => one - other);
    // Without the slowest ones, because the load of this machine may delay any answer.
    const most = took[Math.floor(took.length * 0.95)];
    expect(
      answers.every(([status]) => status === 200),
      `readiness is ${answers.map(([status]) => status)}`,
    );
    expect(most <= 300, `readiness took ${most.toFixed(0)} ms`);
    const { result } = await callTodos(url, token, 'greet_user', { name: 'Saif' });
    expect(result && !result.isError, 'a tool without a database works');
    return `readiness is 200, 95 % within ${most.toFixed(0)} ms, and tools without a database work`;
  } finally {
    await docker('unpause', postgres);
    for (const end = Date.now() + 30_000; ; await delay(200)) {
      const { result } = await callTodos(url, token, 'list_todos', {});
      if (result && !result.isError) break;
      expect(Date.now() < end, 'the database does not come back');
    }
  }
}

/** Signals an instance, and waits until Docker has started it again. Returns how long it took, seconds. */
async function restartedBy(name, victim) {
  const startOf = () => docker('inspect', '-f', '{{.State.StartedAt}}', victim);
  const before = await startOf();
  const signaled = performance.now();
  await signal(victim, name);
  while ((await startOf()) === before) {
    expect(performance.now() - signaled < 150_000, `the instance is not restarted after SIG${name}`);
    await delay(500);
  }
  const took = (performance.now() - signaled) / 1000;
  await untilServing(victim);
  return took;
}

/** An instance reloads on the signal of docs/rotation.md, and is still restarted after a crash. */
export async function reload() {
  const [victim] = await containersOf('aerie');
  const since = new Date().toISOString();
  await signal(victim, 'HUP');
  for (const end = Date.now() + 10_000; ; await delay(200)) {
    if ((await docker('logs', '--since', since, victim)).includes('The configuration has not changed.'))
      break;
    expect(Date.now() < end, 'the instance does not reload');
  }
  const took = await restartedBy('KILL', victim);
  return `an instance reloads on SIGHUP, and is restarted ${took.toFixed(0)} s after a crash`;
}

/** A hung instance is killed and restarted by its health check. */
export async function hung() {
  const [victim] = await containersOf('aerie');
  const took = await restartedBy('STOP', victim);
  return `an instance that hangs is killed and restarted after ${took.toFixed(0)} s`;
}

/** Additional dumps push out only each other, and an invalid number of dumps is rejected. */
async function keepsRegularDumps() {
  const additional = (kept) =>
    attempt(['compose', 'run', '--rm', '-T', '--no-deps', '-e', `BACKUP_KEPT=${kept}`, 'backup', 'now']);
  const list = () => compose('exec', '-T', 'backup', 'find', '/var/lib/postgresql/data', '-name', '*.dump');
  expect((await additional(0)).code !== 0, 'BACKUP_KEPT=0 is rejected');
  const { output } = await additional(1);
  const dumps = (await list()).split('\n');
  expect(
    dumps.some((name) => /Z\.dump$/.test(name)) &&
      dumps.filter((name) => /-now\.dump$/.test(name)).length === 1,
    `the regular dumps and one additional one are kept: ${dumps}, ${output}`,
  );
}

/** A dump is restored by the script of the runbook. */
export async function restore(url) {
  const [token] = await signTokens(1, `restore${Date.now()}x`);
  const { result } = await callTodos(url, token, 'add_todo', { title: 'kept in the dump' });
  await keepsRegularDumps();
  const dumped = await compose('exec', '-T', 'backup', 'sh', '/backup', 'now');
  const [dump] = /aerie-[^/ ]+\.dump/.exec(dumped) ?? [];
  expect(dump, `a dump is written: ${dumped}`);
  await callTodos(url, token, 'delete_todo', { id: result.structuredContent.id });
  expect((await titlesOf(url, token)).length === 0, 'the todo is gone');
  await promisify(execFile)('deploy/restore', [dump], { timeout: 180_000 });
  for (const name of await containersOf('aerie')) await untilServing(name);
  const titles = await titlesOf(url, token);
  expect(titles.join() === 'kept in the dump', `after the restore: ${titles}`);
  return `${dump} is restored, and a deleted todo is back; additional dumps push out no regular one`;
}
