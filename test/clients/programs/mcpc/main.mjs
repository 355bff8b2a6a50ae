// The command line client, which opens a browser with xdg-open and listens for the redirect on loopback.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { report, url } from './client.mjs';

const execute = promisify(execFile);
const mcpc = async (...parameters) => (await execute('node_modules/.bin/mcpc', parameters)).stdout;

async function step(name, action) {
  try {
    report(name, 'passed', (await action()) ?? '');
  } catch (error) {
    report(name, 'failed', `${error.stderr ?? ''}${error.stdout ?? ''}${error.message}`);
  }
}

await step('sign in', async () => {
  await mcpc('login', url);
  await mcpc('connect', url, '@aerie');
});
await step('list', async () => {
  const tools = JSON.parse(await mcpc('--json', '@aerie', 'tools-list'));
  return `${tools.length} tools`;
});
await step('call', async () => void (await mcpc('@aerie', 'tools-call', 'greet_user', 'name:=Ada')));
await step('step-up', async () => void (await mcpc('@aerie', 'tools-call', 'add_todo', 'title:=x')));
await mcpc('close', '@aerie').catch(() => undefined);
