import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SignJWT } from 'jose';

import { runBuiltCommand } from './support/built-application.js';
import { runCommand } from './support/run-command.js';

describe('the commands for own keys', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'aerie-keys-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const run = (name: string, ...parameters: string[]): ReturnType<typeof runCommand> =>
    runCommand(name, parameters, directory, {});
  const SIGN = ['--key', 'private.pem', '--issuer', 'me', '--audience', 'mine', '--subject', 'a@example.com'];
  const sign = async (...further: string[]): Promise<string> =>
    (await run('token', ...SIGN, ...further)).stdout.trim();
  const verify = (token: string, ...further: string[]): ReturnType<typeof runCommand> =>
    run('token', '--verify', token, '--key', 'public.pem', ...further);

  it.each([
    ['rsa', 'RS256'],
    ['ec', 'ES256'],
    ['ed25519', 'EdDSA'],
  ])('keygen makes %s keys that sign and verify', async (type, algorithm) => {
    const { code, stdout, stderr } = await run('keygen', '--type', type);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('JWT_PUBLIC_KEY_FILE=public.pem');
    expect((await stat(join(directory, 'private.pem'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(directory, 'private.pem'), 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(await readFile(join(directory, 'public.pem'), 'utf8')).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);

    const verdict = await verify(await sign('--scopes', 'read,write', '--organization', 'org_1'));
    expect(verdict).toMatchObject({ code: 0, stderr: '' });
    for (const text of [`"alg": "${algorithm}"`, '"scope": "read write"', '"org_id": "org_1"']) {
      expect(verdict.stdout).toContain(text);
    }
    expect(verdict.stdout).toMatch(/"exp": \d+ \(.*Z, in (1 hour|60 minutes)\)/);
    expect(verdict.stdout).toContain(
      '\nThe token is valid.\nNot checked (option not given): --issuer and --audience.\n',
    );
  });

  it.each(['private.pem', 'public.pem'])('keygen never overwrites %s', async (file) => {
    await writeFile(join(directory, file), 'mine');
    const { code, stdout, stderr } = await run('keygen');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`${file} exists, so nothing was written.`);
    expect(await readdir(directory)).toEqual([file]);
    expect(await readFile(join(directory, file), 'utf8')).toBe('mine');
  });

  it('keygen creates the output directory', async () => {
    await run('keygen', '--type', 'ed25519', '--out', 'keys/new');
    expect(await readdir(join(directory, 'keys/new'))).toEqual(['private.pem', 'public.pem']);
  });

  it('token and its JSON keep all control characters from the terminal', async () => {
    await run('keygen');
    const token = await sign('--organization', 'a\u009bb\u007fc');
    for (const further of [[], ['--json']]) {
      const { stdout } = await verify(token, ...further);
      expect(stdout).toContain(String.raw`a\u009bb\u007fc`);
      expect(stdout).not.toMatch(/(?!\n)\p{Cc}/u);
    }
  });

  it('token explains why a token is invalid', async () => {
    await run('keygen');
    const [token, brief] = [await sign(), await sign('--expires', '1s')];
    expect(await verify(token, '--issuer', 'me', '--audience', 'mine')).toMatchObject({ code: 0 });
    await run('keygen', '--out', 'other');
    await run('keygen', '--out', 'ec', '--type', 'ec');
    const verdicts = [
      [await verify(token, '--issuer', 'you'), 'from another issuer'],
      [await verify(token, '--audience', 'yours'), 'for another audience'],
      [await verify(`${token}x`), 'signature of the access token is invalid'],
      [await verify(token, '--key', 'other/public.pem'), 'signature of the access token is invalid'],
      [await verify(token, '--key', 'ec/public.pem'), 'does not match the algorithm or kid'],
      [await verify('junk'), 'not a JWT'],
    ] as const;
    for (const [{ code, stdout }, text] of verdicts) {
      expect(code).toBe(1);
      expect(stdout).toContain('The token is invalid: ');
      expect(stdout).toContain(text);
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await verify(brief)).toMatchObject({ code: 1, stdout: expect.stringContaining('has expired') });
  });

  it('token verifies with each algorithm of a key that names none', async () => {
    await run('keygen', '--type', 'rsa');
    const key = createPrivateKey(await readFile(join(directory, 'private.pem'), 'utf8'));
    for (const alg of ['PS256', 'RS512']) {
      const token = await new SignJWT({ sub: 'a' })
        .setProtectedHeader({ alg, typ: 'at+jwt' })
        .setIssuer('me')
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(key);
      expect(await verify(token)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('The token is valid.'),
      });
    }
  });

  it('token reads a token from standard input, hidden from process lists', async () => {
    await run('keygen');
    const parameters = ['--verify', '-', '--key', 'public.pem'];
    const verdict = await runBuiltCommand('token', parameters, directory, {}, `Bearer ${await sign()}\n`);
    expect(verdict).toMatchObject({ code: 0, stdout: expect.stringContaining('The token is valid.') });
  });

  it('token verifies with a JWK Set that also has keys for other purposes, like the server', async () => {
    await run('keygen');
    await run('keygen', '--out', 'other');
    const jwkOf = async (path: string): Promise<object> =>
      createPublicKey(await readFile(join(directory, path), 'utf8')).export({ format: 'jwk' });
    const other = { ...(await jwkOf('other/public.pem')), use: 'enc' };
    const verifyWith = async (...keys: object[]): Promise<object> => {
      await writeFile(join(directory, 'jwks.json'), JSON.stringify({ keys }));
      return run('token', '--verify', await sign(), '--key', 'jwks.json');
    };
    expect(await verifyWith(other, await jwkOf('public.pem'))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The token is valid.'),
    });
    expect(await verifyWith(other)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/not for signatures/),
    });
  });

  it('token warns about a lifetime above the default maximum', async () => {
    await run('keygen');
    expect(await run('token', ...SIGN, '--expires', '24h')).toMatchObject({ code: 0, stderr: '' });
    const { code, stdout, stderr } = await run('token', ...SIGN, '--expires', '25h');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)]);
    expect(stderr).toContain('MAX_TOKEN_LIFETIME');
  });

  it('token explains an invalid key without showing it', async () => {
    await run('keygen');
    const token = await sign();
    await writeFile(join(directory, 'text.pem'), 'hush-hush');
    for (const [parameters, text] of [
      [['--verify', token, '--key', 'private.pem'], /private key.*Use the public key/],
      [['--verify', token, '--key', 'nowhere.pem'], /nowhere\.pem cannot be read/],
      [[...SIGN, '--key', 'public.pem'], /contains a public key/],
      [[...SIGN, '--key', 'text.pem'], /does not contain a PEM private key/],
    ] as const) {
      const { code, stdout, stderr } = await run('token', ...parameters);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(text);
      expect(stderr).not.toMatch(/hush|MII/);
    }
  });

  it('token points to own keys if the server trusts only those', async () => {
    await run('keygen');
    const { code, stderr } = await runCommand('token', [], directory, {
      AUTH_MODE: 'jwt',
      JWT_PUBLIC_KEY_FILE: 'public.pem',
      JWT_ISSUER: 'me',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('sign one with --key private.pem');
  });

  it('check names the trusted issuers', async () => {
    await run('keygen');
    const own = { AUTH_MODE: 'dev,jwt', JWT_PUBLIC_KEY_FILE: 'public.pem', JWT_ISSUER: 'me' };
    expect(await runCommand('check', [], directory, own)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        'The configuration is complete: http://localhost:3002/mcp, tokens of http://localhost:3003 and me\n',
      ),
    });
    expect(await runCommand('check', [], directory, { ...own, AUTH_MODE: 'jwt' })).toMatchObject({
      stdout: expect.stringContaining(
        'The configuration is complete: http://localhost:3002/mcp, tokens of me\n',
      ),
    });
    const scalekit = {
      SK_ENV_URL: 'https://aerie.scalekit.example',
      MCP_SERVER_ID: 'res_100000000000000001',
    };
    expect(
      await runCommand('check', [], directory, {
        ...own,
        ...scalekit,
        AUTH_MODE: 'scalekit,jwt',
        RESOURCE_URL: 'http://localhost:3002/mcp',
      }),
    ).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        'The configuration is complete: http://localhost:3002/mcp, tokens of https://aerie.scalekit.example and me\n',
      ),
    });
  });
});
