import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import { COMMANDS } from './commands.js';
import { run } from './run.js';

/** Runs a command line in this process. */
async function attempt(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; out: string; err: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const code = await run(argv, { stdin, stdout, stderr, env });
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: await text(stderr) };
}

describe('run', () => {
  it('prints all commands and the exit codes', async () => {
    const { code, out, err } = await attempt(['--help']);
    expect([code, err]).toEqual([0, '']);
    for (const { name, summary } of COMMANDS) expect(out).toMatch(new RegExp(`^  ${name} +${summary}`, 'm'));
    expect(out).toMatch(/Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 /);
  });

  it.each(COMMANDS.map(({ name }) => name))('prints the help of %s, with examples', async (name) => {
    const asked = await attempt(['help', name]);
    expect(asked).toMatchObject({ code: 0, err: '' });
    expect(asked.out).toMatch(
      new RegExp(`^Usage: aerie-mcp ${name} .*Examples:\n  # .*\n  aerie-mcp ${name}`, 's'),
    );
    expect(await attempt([name, '--help'])).toEqual(asked);
  });

  it.each([
    [{ npm_lifecycle_event: 'npx' }, 'npx aerie-mcp'],
    [{ npm_lifecycle_event: 'token' }, 'npm run aerie --'],
  ])('names itself as it was called: %j', async (env, name) => {
    expect((await attempt(['--help'], env)).out).toMatch(new RegExp(`^Usage: ${name} `));
  });

  it('refuses to run without an option that npm took', async () => {
    const env = { npm_lifecycle_event: 'aerie', npm_config_user: 'bob' };
    expect(await attempt(['token'], env)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Write -- before the options: npm run aerie -- …'),
    });
    const settings = { npm_lifecycle_event: 'aerie', npm_config_scope: '@acme', npm_config_key: 'a' };
    expect((await attempt(['token', '--key', '/missing'], settings)).err).not.toContain('npm took');
  });

  it.each([
    ['--dry-run', ['new', 'tool', 'refund'], { npm_config_dry_run: 'true' }],
    ['--no-spec', ['new', 'tool', 'refund'], { npm_config_spec: '' }],
    ['--closed', ['audit', 'verify', 'missing'], { npm_config_closed: 'true' }],
    ['--postgres', ['audit', 'verify'], { npm_config_postgres: 'true' }],
    ['--sign-in', ['call', 'greet'], { npm_config_sign_in: 'true' }],
  ])('refuses to run without %s, which npm took', async (option, argv, taken) => {
    expect(await attempt(argv, { npm_lifecycle_event: 'aerie', ...taken })).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining(`npm took ${option} for an option of its own.`),
    });
  });

  it('runs with settings of .npmrc that have the names of options', async () => {
    const settings = { npm_config_json: 'true', npm_config_browser: '', npm_config_tag: 'next' };
    const env = { npm_lifecycle_event: 'aerie', ...settings };
    expect((await attempt(['call', 'greet', '--url', 'no url'], env)).err).not.toContain('npm took');
  });

  it('prints the version', async () => {
    expect(await attempt(['--version'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it.each([
    ['no command', [], /Commands:/],
    ['an unknown command', ['chekc'], /unknown command 'chekc'.*\(Did you mean check\?\)/s],
    ['an unknown option', ['check', '--ofline'], /unknown option '--ofline'.*Did you mean --offline.*See "/s],
    ['an option without its value', ['token', '--user'], /argument missing/],
    ['a value without an option', ['revoke', 'usr_1'], /too many arguments/],
    [
      'an argument of a tool without its option',
      ['call', 'greet', 'name=Ada'],
      /"name=Ada" .* --arg name=value/,
    ],
    ['a value that is not a choice', ['keygen', '--type', 'dsa'], /'dsa' is invalid.*rsa, ec, ed25519/],
    ['an unknown user', ['token', '--user', 'dave'], /'dave' is invalid.*alice, bob, carol/],
    ['an option of a subcommand', ['audit', 'list', '--json'], /'--json'\nSee "aerie-mcp audit list --help"/],
    [
      'an invalid value',
      ['audit', 'list', '--since', 'now'],
      /is not a time.*\nSee "aerie-mcp audit list --help"/,
    ],
    ['a day that the month lacks', ['audit', 'list', '--until', '2026-11-31'], /"2026-11-31" is not a time/],
    ['a time after the year 9999', ['audit', 'list', '--until', '9999-12-31T23:59-23:00'], /is not a time/],
    ['a time of an unknown zone', ['audit', 'list', '--since', '2026-11-26T12:00'], /is not a time/],
    ['an unknown subcommand', ['audit', 'lst'], /'lst'.*See "aerie-mcp audit --help"/s],
    ['options that do not fit', ['token', '--key', 'k.pem'], /^error: --issuer is missing\.\nSee "/],
  ])('rejects %s as an invalid command line', async (_what, argv, message) => {
    const { code, out, err } = await attempt(argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });

  it('reports a failure in one line, without a stack', async () => {
    const argv = ['token', '--verify', 'x', '--key', '/nowhere.pem'];
    expect(await attempt(argv)).toEqual({
      code: 1,
      out: '',
      err: 'The key file /nowhere.pem cannot be read. Check the path and its permissions.\n',
    });
  });
});
