import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from './support/run-command.js';

/** Sources of an application with a global guard of its own, which the check of the package runs. */
const APPLICATION = 'test/package/nest';
const MANIFEST = {
  name: 'shop',
  type: 'module',
  dependencies: { '@nestjs/core': '^12.0.1', rxjs: '^7' },
  devDependencies: { vitest: '^4' },
};

const withDependency = (name: string, range: string): string =>
  JSON.stringify({ ...MANIFEST, dependencies: { ...MANIFEST.dependencies, [name]: range } });

describe('init', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-init-'));
    cpSync(APPLICATION, directory, { recursive: true });
    write('package.json', JSON.stringify(MANIFEST, null, 4));
    write('.gitignore', 'dist/');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  const all = (): Record<string, string> =>
    Object.fromEntries(
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => [
          join(parentPath, name),
          readFileSync(join(parentPath, name), 'utf8'),
        ]),
    );
  const init = (...parameters: string[]): ReturnType<typeof runCommand> =>
    runCommand('init', parameters, directory, {});

  it('says that it writes no spec without Vitest or Jest', async () => {
    const { devDependencies: _none, ...manifest } = MANIFEST;
    write('package.json', JSON.stringify(manifest));
    rmSync(join(directory, '.gitignore'));
    const { stdout } = await init('--tool', 'order-status');
    expect(stdout).toContain('Note: no spec was written, because package.json has neither Vitest nor Jest.');
    expect(stdout).not.toContain('order-status.tools.spec.ts');
    expect(read('.gitignore')).toBe('.aerie/\nprivate.pem\n');
  });

  it('keeps the line ends and the indentation of package.json', async () => {
    write('package.json', `${JSON.stringify(MANIFEST, null, '\t')}\n`.replaceAll('\n', '\r\n'));
    expect(await init()).toMatchObject({ code: 0 });
    expect(read('package.json')).toMatch(/^(\{|\t.*|\})(\r\n(\t.*|\}|$))+$/);
  });

  it('adds the import, a tool, the dependencies and the variables, and says so', async () => {
    expect(await init('--tool', 'order-status')).toEqual({
      code: 0,
      stdout: `changed  src/app.module.ts (imports AerieModule, provides OrderStatusTools)
created  src/order-status/order-status.tools.ts
created  src/order-status/order-status.tools.spec.ts
changed  package.json (depends on @scalekit-sdk/node, aerie-mcp, ipaddr.js, zod, @modelcontextprotocol/client, oidc-provider)
created  .env.example (documents SK_ENV_URL, MCP_SERVER_ID, RESOURCE_URL)
changed  .gitignore (ignores .aerie/, private.pem)

Note: src/auth/auth.module.ts has a global guard. Aerie's routes carry @Public() of src/auth/public.decorator.ts, so that it lets them pass. Aerie's own guard still checks every token.

Note: The application does not call enableShutdownHooks(), so SIGTERM cuts off running calls. Call it before listen().

Next:
  npm install
  npm run start
  npx aerie-mcp call order_status --arg id=A-7
`,
      stderr: '',
    });
    expect(read('src/app.module.ts')).toBe(`import { Module } from '@nestjs/common';
import { AerieModule, fromEnvironment } from 'aerie-mcp';
import { AppController } from './app.controller.js';
import { AppService } from './app.service.js';
import { AuthModule } from './auth/auth.module.js';
import { Public } from './auth/public.decorator.js';
import { OrderStatusTools } from './order-status/order-status.tools.js';
import { OrdersModule } from './orders/orders.module.js';

@Module({
  imports: [
    AuthModule,
    OrdersModule,
    AerieModule.forRoot(fromEnvironment({ PORT: '3000', ...process.env }), { decorators: [Public()] }),
  ],
  controllers: [AppController],
  providers: [AppService, OrderStatusTools],
})
export class AppModule {}
`);
    expect(JSON.parse(read('package.json'))).toEqual({
      ...MANIFEST,
      dependencies: {
        '@nestjs/core': '^12.0.1',
        '@scalekit-sdk/node': expect.any(String),
        'aerie-mcp': expect.stringMatching(/^\^\d/),
        'ipaddr.js': expect.any(String),
        rxjs: '^7',
        zod: expect.any(String),
      },
      devDependencies: {
        '@modelcontextprotocol/client': expect.any(String),
        'oidc-provider': expect.any(String),
        vitest: '^4',
      },
    });
    expect(read('package.json')).toContain('\n    "name": "shop"');
    expect(read('.gitignore')).toBe('dist/\n.aerie/\nprivate.pem\n');
  });

  it('changes nothing the second time, and nothing in a dry run', async () => {
    const before = all();
    const planned = await init('--dry-run');
    expect(planned.stdout).toContain('Nothing was written');
    expect(all()).toEqual(before);

    await init();
    const after = all();
    expect(await init()).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to do') });
    expect(all()).toEqual(after);
  });

  it('lets Git ignore private keys', async () => {
    execFileSync('git', ['init', '--quiet'], { cwd: directory });
    await init();
    const keys = ['private.pem', 'keys/private.pem'];
    const ignored = execFileSync('git', ['check-ignore', ...keys], { cwd: directory, encoding: 'utf8' });
    expect(ignored.trim().split('\n')).toEqual(keys);
  });

  it.each([
    ['pnpm-lock.yaml', 'pnpm'],
    ['yarn.lock', 'yarn'],
    ['bun.lock', 'bun'],
    ['bun.lockb', 'bun'],
  ])('names the package manager of %s at the root of a workspace', async (lockFile, manager) => {
    const member = join(directory, 'packages/shop');
    cpSync(APPLICATION, member, { recursive: true });
    write('packages/shop/package.json', JSON.stringify(MANIFEST));
    write(lockFile, '');
    mkdirSync(join(directory, '.git'));
    const { stdout } = await runCommand('init', [], member, {});
    expect(stdout).toContain(`Next:\n  ${manager} install\n  ${manager} run start\n`);
  });

  it('ignores lock files outside the repository', async () => {
    const member = join(directory, 'shop');
    cpSync(APPLICATION, member, { recursive: true });
    write('shop/package.json', JSON.stringify(MANIFEST));
    write('yarn.lock', '');
    mkdirSync(join(member, '.git'));
    expect((await runCommand('init', [], member, {})).stdout).toContain('Next:\n  npm install\n');
  });

  it('reads the sources next to a module outside the configured sources', async () => {
    mkdirSync(join(directory, 'apps/api'), { recursive: true });
    cpSync(join(directory, 'src'), join(directory, 'apps/api/src'), { recursive: true });
    rmSync(join(directory, 'src'), { recursive: true });
    const { code, stdout, stderr } = await init('--module', 'apps/api/src/app.module.ts');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Note: apps/api/src/auth/auth.module.ts has a global guard.');
    expect(read('apps/api/src/app.module.ts')).toContain("fromEnvironment({ PORT: '3000', ...process.env })");
  });

  it('keeps the variables and dependencies that are there', async () => {
    write('.env.example', 'PORT=3000\nSK_ENV_URL=https://shop.scalekit.com\n# RESOURCE_URL_FILE=x');
    write('package.json', JSON.stringify({ ...MANIFEST, peerDependencies: { 'aerie-mcp': 'file:x' } }));
    expect((await init()).stdout).toContain('(documents MCP_SERVER_ID)');
    expect(read('.env.example')).toMatch(/^PORT=3000\nSK_ENV_URL=.*\n# RESOURCE_URL_FILE=x\n\n# --- Aerie/);
    expect(read('package.json')).not.toContain('"aerie-mcp":"^');
  });

  it('writes a tool below a folder, and names it in the next steps', async () => {
    const { code, stdout } = await init('--tool', 'orders/order-status');
    expect(code).toBe(0);
    expect(stdout).toContain('created  src/orders/order-status/order-status.tools.ts');
    expect(stdout).toContain('npx aerie-mcp call order_status --arg id=A-7');
  });

  it('writes nothing if the name of the tool is invalid', async () => {
    const before = all();
    expect(await init('--tool', 'orders/')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not a name'),
    });
    expect(all()).toEqual(before);
  });

  it('explains how a global guard lets the routes pass if it cannot find out', async () => {
    rmSync(join(directory, 'src/auth/public.decorator.ts'));
    expect((await init()).stdout).toContain('If it requires a sign-in, pass the decorator');
    expect(read('src/app.module.ts')).not.toContain('decorators');
  });

  it('says that variables of .env come late from a ConfigModule with a schema', async () => {
    const source = read('src/app.module.ts');
    write(
      'src/app.module.ts',
      source.replace('[AuthModule', '[ConfigModule.forRoot({ validationSchema }), AuthModule'),
    );
    expect((await init()).stdout).toContain('--env-file=.env');
  });

  it('says nothing of shutdown hooks if the application enables them', async () => {
    write('src/set-up.ts', 'export const setUp = (app) => app.enableShutdownHooks();');
    expect((await init()).stdout).not.toContain('enableShutdownHooks');
  });

  it('says what Jest needs', async () => {
    write('package.json', JSON.stringify({ ...MANIFEST, devDependencies: { jest: '^30' } }));
    expect((await init()).stdout).toContain(
      "setupFiles: ['reflect-metadata', '@nestjs/common', '@nestjs/core']",
    );
  });

  it.each([
    ['an application without NestJS', 'package.json', '{}', /does not depend on @nestjs\/core/],
    ['Aerie itself', 'package.json', '{"name":"aerie-mcp"}', /This is Aerie itself/],
    [
      'NestJS 11',
      'package.json',
      withDependency('@nestjs/core', '^11.2.0'),
      /accepts only @nestjs\/core \^12/,
    ],
    ['an old NestJS 12', 'package.json', withDependency('@nestjs/common', '~12.1.0'), /has .*common ~12\.1/],
    ['zod 3', 'package.json', withDependency('zod', '^3.25.0'), /only zod \^4.*has zod \^3\.25\.0/],
    ['an old zod 4', 'package.json', withDependency('zod', '4.3.6'), /only zod \^4.*has zod 4\.3\.6/],
    ['an old optional peer', 'package.json', withDependency('ioredis', '^5.0.0'), /accepts only ioredis \^6/],
    ['a package.json that is not JSON', 'package.json', '{', /package\.json is not valid/],
    [
      'imports that are a variable',
      'src/app.module.ts',
      '@Module({ imports })\nclass AppModule {}',
      /Add there: A/,
    ],
  ])('refuses %s', async (_what, name, text, message) => {
    write(name, text);
    const before = all();
    expect(await init()).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
    expect(all()).toEqual(before);
  });

  it.each(['^3.25.0 || ^4.0.0', '>=3.25', '4', 'latest'])('accepts zod %s', async (range) => {
    write('package.json', withDependency('zod', range));
    expect(await init('--dry-run')).toMatchObject({ code: 0 });
  });

  it('refuses Fastify', async () => {
    const fastify = {
      ...MANIFEST,
      dependencies: { ...MANIFEST.dependencies, '@nestjs/platform-fastify': '^12' },
    };
    write('package.json', JSON.stringify(fastify));
    write('src/main.ts', read('src/main.ts').replace('AppModule)', 'AppModule, new FastifyAdapter())'));
    expect(await init()).toMatchObject({ code: 1, stderr: expect.stringContaining('needs Express') });
  });

  it('refuses to overwrite a file', async () => {
    cpSync(join(directory, 'src/main.ts'), join(directory, 'src/example/example.tools.ts'));
    const before = all();
    expect(await init()).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing was written') });
    expect(all()).toEqual(before);
  });
});
