import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';

const MODULE = pathToFileURL('bench/at-exit.ts').href;

/** Program with three cleanups, of which one is canceled and one fails. */
const program = (end: string): string => `
  const { atExit, exitAtSignals } = await import('${MODULE}');
  exitAtSignals();
  atExit(() => console.log('first'));
  atExit(() => console.log('canceled'))();
  atExit(() => { throw new Error('failed'); });
  setInterval(() => undefined, 1000);
  console.log('ready');
  ${end}`;

describe('a program that stops its servers when it exits', () => {
  const output = async (end: string, signal?: NodeJS.Signals): Promise<[string, number | null]> => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program(end)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (signal && chunk.includes('ready')) child.kill(signal);
    });
    await once(child, 'close');
    return [text, child.exitCode];
  };

  it.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('does so at %s', async (signal, code) => {
    await expect(output('', signal)).resolves.toEqual(['ready\nfirst\n', code]);
  });

  it('does so after an error of its own, instead of hanging', async () => {
    await expect(output("await Promise.reject(new Error('fatal'));")).resolves.toEqual(['ready\nfirst\n', 1]);
  });
});
