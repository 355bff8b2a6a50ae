import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { prompt } from '../src/cli/new/schematic.js';
import { runCommand } from './support/run-command.js';

const EXAMPLES = 'test/examples/new';
const NEXT =
  'Next: write its texts, input and method, choose its scopes and annotations, and restart the server.\n';
const moduleOf = (name: string): string => `import { Module } from '@nestjs/common';

/** Module to which \`new\` adds the providers of this folder. */
@Module({ providers: [] })
export class ${name} {}
`;
const MAIN = `import { NestFactory } from '@nestjs/core';
import { RootModule } from './root.js';

const app = await NestFactory.create(RootModule, { cors: true });
`;

/** Reads all sources of a folder, without differences of the place. */
function filesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const read = (name: string): string =>
    readFileSync(join(folder, name), 'utf8').replace('../../../../src/mcp/index.js', '../../mcp/index.js');
  return Object.fromEntries(names.toSorted().map((name) => [name, read(name)]));
}

describe('new', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-new-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (files: Record<string, string>): void => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
  };
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  const create = (...parameters: string[]): ReturnType<typeof runCommand> =>
    runCommand('new', parameters, directory, {});

  describe('in the repository of Aerie', () => {
    beforeEach(() =>
      write({
        'package.json': readFileSync('package.json', 'utf8'),
        'src/mcp/index.ts': '',
        'src/tools/tools.module.ts': moduleOf('ToolsModule'),
      }),
    );

    it('writes the compiled, linted and tested examples', async () => {
      expect(await create('tool', 'order-status')).toEqual({
        code: 0,
        stdout:
          'created  src/tools/order-status/order-status.tools.ts\n' +
          'created  src/tools/order-status/order-status.tools.spec.ts\n' +
          'changed  src/tools/tools.module.ts (provides OrderStatusTools)\n' +
          NEXT,
        stderr: '',
      });
      expect(await create('resource', 'Invoice')).toMatchObject({ code: 0 });
      expect(await create('prompt', 'weekReport')).toMatchObject({ code: 0 });
      expect(filesIn(join(directory, 'src/tools'))).toEqual(filesIn(EXAMPLES));
    });

    it('writes below the folder of the tools with folders in front of the name, too', async () => {
      expect(await create('tool', 'billing/invoice-report')).toMatchObject({
        code: 0,
        stdout:
          'created  src/tools/billing/invoice-report/invoice-report.tools.ts\n' +
          'created  src/tools/billing/invoice-report/invoice-report.tools.spec.ts\n' +
          'changed  src/tools/tools.module.ts (provides InvoiceReportTools)\n' +
          NEXT,
      });
      expect(read('src/tools/billing/invoice-report/invoice-report.tools.ts')).toContain(
        "from '../../../mcp/index.js'",
      );
    });

    it('never overwrites a file', async () => {
      await create('tool', 'order-status');
      const before = filesIn(directory);
      expect(await create('tool', 'order-status')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('exists, so nothing was written'),
      });
      expect(filesIn(directory)).toEqual(before);
    });

    it.each([
      ['an unknown kind', ['module', 'orders'], 2, /tool, resource, prompt/],
      ['a path that leaves the sources', ['tool', '../orders'], 2, /is not a name/],
      ['a folder without a name', ['tool', '/orders'], 2, /is not a name/],
      [
        'a module that does not exist',
        ['tool', 'a', '--module', 'src/none.ts'],
        1,
        /src\/none\.ts does not exist/,
      ],
    ])('rejects %s', async (_what, parameters, code, message) => {
      const before = filesIn(directory);
      expect(await create(...parameters)).toMatchObject({ code, stderr: expect.stringMatching(message) });
      expect(filesIn(directory)).toEqual(before);
    });
  });

  describe('as a schematic of the Nest CLI', () => {
    it('refuses a name that another source of the project has', async () => {
      write({
        'package.json': '{}',
        'apps/shop/src/app.module.ts': moduleOf('AppModule'),
        'apps/shop/src/others.ts': "class Others { @McpPrompt({ name: 'week_report' }) report() {} }",
      });
      const workingDirectory = process.cwd();
      const tree = { create: jest.fn(), overwrite: jest.fn() };
      try {
        process.chdir(directory);
        await expect(prompt({ name: 'week-report', sourceRoot: 'apps/shop/src' })(tree)).rejects.toThrow(
          "apps/shop/src/others.ts has a prompt with the name 'week_report' already",
        );
      } finally {
        process.chdir(workingDirectory);
      }
    });

    it('writes to the tree what the command writes', async () => {
      write({ 'package.json': '{}', 'apps/shop/src/app.module.ts': moduleOf('AppModule') });
      const written: string[] = [];
      const workingDirectory = process.cwd();
      try {
        process.chdir(directory);
        await prompt({ name: 'week-report', path: 'reports', sourceRoot: 'apps/shop/src' })({
          create: (path) => written.push(`create ${path}`),
          overwrite: (path) => written.push(`overwrite ${path}`),
        });
      } finally {
        process.chdir(workingDirectory);
      }
      expect(written).toEqual([
        'create apps/shop/src/reports/week-report/week-report.prompt.ts',
        'overwrite apps/shop/src/app.module.ts',
      ]);
      expect(Object.keys(filesIn(directory))).toEqual(['apps/shop/src/app.module.ts']);
    });
  });

  describe('in an application', () => {
    it('adds to the root module, which main.ts names, with a spec for Vitest', async () => {
      write({
        'package.json': '{ "type": "module", "devDependencies": { "vitest": "^5" } }',
        'src/main.ts': MAIN,
        'src/root.ts': "export * from './shop/shop.js';\n",
        'src/shop/shop.ts': moduleOf('RootModule'),
      });
      expect(await create('tool', 'refund')).toMatchObject({ code: 0, stderr: '' });
      expect(read('src/refund/refund.tools.ts')).toContain(
        "import { McpTool } from 'aerie-mcp';\nimport { z }",
      );
      expect(read('src/refund/refund.tools.spec.ts')).toMatch(
        /^import { describe, expect, it } from 'vitest';\n\nimport { RefundTools } from '.\/refund.tools.js';\n/,
      );
      expect(read('src/shop/shop.ts')).toContain(
        "import { RefundTools } from '../refund/refund.tools.js';\n",
      );
    });

    it('adds to the feature module of the folder, without extensions in CommonJS, with a spec for Jest', async () => {
      write({
        'package.json': '{ "devDependencies": { "jest": "^30" } }',
        'src/app.module.ts': moduleOf('AppModule'),
        'src/billing/billing.module.ts': moduleOf('BillingModule'),
      });
      expect(await create('tool', 'billing/invoice')).toMatchObject({ code: 0, stderr: '' });
      expect(read('src/billing/invoice/invoice.tools.spec.ts')).toMatch(
        /^import { describe, expect, it } from '@jest\/globals';\n\nimport { InvoiceTools } from '.\/invoice.tools';\n/,
      );
      expect(read('src/billing/billing.module.ts')).toContain("from './invoice/invoice.tools';\n");
      expect(await create('tool', 'billing')).toMatchObject({ code: 0 });
      expect(read('src/billing/billing.module.ts')).toContain('providers: [InvoiceTools, BillingTools]');
      expect(read('src/app.module.ts')).toBe(moduleOf('AppModule'));
    });

    it('refuses a second class of the same name in a module, and a name that the class imports', async () => {
      write({ 'package.json': '{}', 'src/app.module.ts': moduleOf('AppModule') });
      expect(await create('tool', 'billing/invoice')).toMatchObject({ code: 0 });
      const before = filesIn(directory);
      for (const [kind, name] of [
        ['tool', 'shop/invoice'],
        ['resource', 'mcp'],
        ['prompt', 'mcp'],
      ] as const) {
        expect(await create(kind, name)).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(
            /has another (InvoiceTools|McpResource|McpPrompt).*Choose another name/,
          ),
        });
      }
      expect(filesIn(directory)).toEqual(before);
    });

    it.each([
      ['tool', 'list.tools.ts', "name 'list'"],
      ['resource', 'list.resource.ts', "uri 'list://{id}'"],
      ['prompt', 'list.prompt.ts', "name 'list'"],
    ])('refuses a second %s of the same name or URI in another module', async (kind, file, identity) => {
      write({
        'package.json': '{}',
        'src/app.module.ts': moduleOf('AppModule'),
        'src/billing/billing.module.ts': moduleOf('BillingModule'),
        'src/orders/orders.module.ts': moduleOf('OrdersModule'),
      });
      expect(await create(kind, 'billing/list')).toMatchObject({ code: 0 });
      const before = filesIn(directory);
      expect(await create(kind, 'orders/list')).toEqual({
        code: 1,
        stdout: '',
        stderr: `src/billing/list/${file} has a ${kind} with the ${identity} already. Choose another name.\n`,
      });
      expect(filesIn(directory)).toEqual(before);
      for (const other of ['tool', 'resource', 'prompt'].filter((one) => one !== kind)) {
        expect(await create(other, 'orders/list')).toMatchObject({ code: 0 });
      }
    });

    it('refuses the URI of another resource, and the name of a method that is exposed as a tool', async () => {
      write({
        'package.json': '{}',
        'src/app.module.ts': moduleOf('AppModule'),
        'src/others.ts': `class Others {
  @McpResource({ name: 'bill', uri: \`invoice://{id}\` }) bill() {}
  @ExposeAsTool({ description: 'Refunds.', "name": 'refund' }) refund() {}
}`,
      });
      expect(await create('resource', 'invoice')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("src/others.ts has a resource with the uri 'invoice://{id}' already"),
      });
      expect(await create('tool', 'refund')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("src/others.ts has a tool with the name 'refund' already"),
      });
    });

    it.each(['constructor', 'then', 'on-module-init', 'beforeApplicationShutdown', 'to-string'])(
      'refuses the method name of %s',
      async (name) => {
        write({ 'package.json': '{}', 'src/app.module.ts': moduleOf('AppModule') });
        expect(await create('tool', name)).toMatchObject({
          code: 2,
          stderr: expect.stringContaining('Choose another name'),
        });
      },
    );

    it.each(['userProfile', '2fa', 'v1.0'])('uses the folder %s as it is, and its module', async (folder) => {
      write({
        'package.json': '{}',
        'src/app.module.ts': moduleOf('AppModule'),
        [`src/${folder}/${folder}.module.ts`]: moduleOf('FeatureModule'),
      });
      expect(await create('tool', `${folder}/avatar`)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`created  src/${folder}/avatar/avatar.tools.ts`),
      });
      expect(read(`src/${folder}/${folder}.module.ts`)).toContain('AvatarTools');
      expect(await create('tool', 'userProfile')).toMatchObject({
        stdout: expect.stringContaining(
          folder === 'userProfile'
            ? 'created  src/userProfile/user-profile.tools.ts'
            : 'created  src/user-profile/user-profile.tools.ts',
        ),
      });
    });

    it('ends imports as the compiler needs it, next to an import of JSON', async () => {
      write({
        'package.json': '{ "type": "module" }',
        'src/app.module.ts': `import data from './x.json' with { type: 'json' };\n${moduleOf('AppModule')}`,
      });
      expect(await create('tool', 'avatar')).toMatchObject({ code: 0 });
      expect(read('src/app.module.ts')).toContain("from './avatar/avatar.tools.js'");
    });

    it('writes nothing in a dry run, and no spec without a test runner', async () => {
      write({ 'package.json': '{}', 'src/app.module.ts': moduleOf('AppModule') });
      const before = filesIn(directory);
      expect(await create('tool', 'refund', '--dry-run')).toEqual({
        code: 0,
        stdout:
          'created  src/refund/refund.tools.ts\n' +
          'changed  src/app.module.ts (provides RefundTools)\n' +
          'Nothing was written: this is a dry run.\n',
        stderr: 'Note: no spec was written, because package.json has neither Vitest nor Jest.\n',
      });
      expect(filesIn(directory)).toEqual(before);
    });

    it.each([
      ['no package.json', {}, /no package\.json/],
      ['no root module', { 'package.json': '{}' }, /src\/main\.ts creates no application.*--module/],
      [
        'several modules in a folder',
        { 'package.json': '{}', 'src/a/b.module.ts': '', 'src/a/c.module.ts': '' },
        /several modules: b\.module\.ts, c\.module\.ts/,
      ],
      [
        'providers that are a variable',
        { 'package.json': '{}', 'src/a/a.module.ts': '@Module({ providers })\nclass A {}' },
        /no @Module\(\) with a list of providers/,
      ],
    ])('says what to do about %s', async (_what, files, message) => {
      write(files);
      const before = filesIn(directory);
      expect(await create('tool', 'a')).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
      expect(filesIn(directory)).toEqual(before);
    });
  });
});
