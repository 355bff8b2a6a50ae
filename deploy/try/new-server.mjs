import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { appendFile, copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { SignJWT } from 'jose';

import { attempt, docker, untilServing } from './containers.mjs';
import { callTool } from './load.mjs';

const RESOURCE = 'https://localhost/mcp';
const ISSUER = 'https://issuer.example.com';
const run = (cwd, command, ...args) => promisify(execFile)(command, args, { cwd, timeout: 300_000 });

/** Makes a new server from the packed packages. */
async function create(folder) {
  const repository = process.cwd();
  for (const source of ['.', './create']) {
    await run(repository, 'npm', 'pack', source, '--silent', '--pack-destination', folder);
  }
  const packed = await readdir(folder);
  const [tarball, createTarball] = ['aerie', 'create'].map((start) =>
    join(
      folder,
      packed.find((name) => name.startsWith(start)),
    ),
  );
  const server = join(folder, 'my-server');
  await run(folder, 'npm', 'exec', '--yes', '--package', createTarball, '--', 'create-aerie-mcp', server);
  // The build installs the packed package, because npm may not have this version.
  await copyFile(tarball, join(server, 'aerie-mcp.tgz'));
  await appendFile(join(server, '.dockerignore'), '!aerie-mcp.tgz\n');
  const dockerfile = join(server, 'Dockerfile');
  const text = await readFile(dockerfile, 'utf8');
  await writeFile(dockerfile, text.replace('package-lock.json ./', 'package-lock.json aerie-mcp.tgz ./'));
  const quietly = ['--package-lock-only', '--no-audit', '--no-fund'];
  await run(server, 'npm', 'install', ...quietly, './aerie-mcp.tgz');
  return server;
}

/** Builds and starts the image of a new server, and calls its tool with a token of an own key. */
export async function newServer() {
  const folder = await mkdtemp(join(tmpdir(), 'aerie-new-server-'));
  const name = `aerie-new-server-${process.pid}`;
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  try {
    const server = await create(folder);
    await promisify(execFile)('docker', ['build', '--quiet', '--tag', name, server], { timeout: 600_000 });
    const variables = {
      AUTH_MODE: 'jwt',
      JWT_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'pem' }).replaceAll('\n', '\\n'),
      JWT_ISSUER: ISSUER,
      RESOURCE_URL: RESOURCE,
    };
    const environment = Object.entries(variables).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
    const restricted = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true'];
    await docker('run', '-d', '--name', name, ...restricted, '-p', '127.0.0.1::3002', ...environment, name);
    await untilServing(name);

    const token = await new SignJWT({ scope: 'greeting:read', client_id: 'try-it' })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer(ISSUER)
      .setAudience(RESOURCE)
      .setSubject('alice')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);
    const [address] = (await docker('port', name, '3002')).split('\n');
    const url = `http://localhost:${address.split(':').at(-1)}/mcp`;
    const response = await callTool(url, token, 'greet', { greeting: 'Hello' });
    const answer = await response.text();
    if (!answer.includes('Hello, alice!')) throw new Error(`the tool answers ${response.status} ${answer}`);
    for (const absent of ['@nestjs/cli', 'typescript', 'vitest']) {
      const { code } = await attempt(['exec', name, 'ls', `/app/node_modules/${absent}`]);
      if (code === 0) throw new Error(`the image contains ${absent}`);
    }
    const size = Number(await docker('image', 'inspect', '-f', '{{.Size}}', name));
    return `the image of a new server (${Math.round(size / 1e6)} MB) is healthy and calls its tool, read-only and without capabilities`;
  } finally {
    await attempt(['rm', '-f', '-v', name]);
    await attempt(['rmi', '-f', name]);
    await rm(folder, { recursive: true, force: true });
  }
}
