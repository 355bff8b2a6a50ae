// Compiles the TypeScript of the documentation against the sources, as part of `npm run typecheck`. A block becomes a
// file in which its lines have the numbers that they have in the page, so that errors point there.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { type Block, blocksOf, PAGES } from './blocks.js';

const FILES = 'scripts/documentation/.blocks';

/** Pages whose code is part of applications that .ci/package compiles and runs: test/documentation.spec.ts compares. */
const COMPARED = new Set(['docs/embedding.md', 'docs/testing.md', 'scripts/package-readme.md']);

/** Sources of the entries of the package. */
const ENTRIES: Readonly<Record<string, string>> = {
  'aerie-mcp': 'src/index.ts',
  'aerie-mcp/audit': 'src/audit/index.ts',
  'aerie-mcp/dev-issuer': 'src/dev-issuer/index.ts',
  'aerie-mcp/telemetry': 'src/telemetry/index.ts',
  'aerie-mcp/testing': 'src/testing/index.ts',
};

/** Packages in examples that are not installed here. */
const ABSENT = ['@sentry/node'];

const NAMES_OF_OTHERS: Readonly<Record<string, readonly string[]>> = {
  '@nestjs/common':
    'Body Controller Get Inject Injectable Logger Module Param ParseBoolPipe ParseUUIDPipe Post Query Scope UseGuards type:CanActivate'.split(
      ' ',
    ),
  '@nestjs/config': ['ConfigModule', 'ConfigService'],
  'class-validator': ['IsString'],
  zod: ['z'],
};

/** Names that a module exports, with `type:` before types. */
function namesOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const own = [...text.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, type, names = '']) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/^.* as /, ''))
      .filter((name) => name !== '')
      .map((name) => (type ? `type:${name}` : name.replace(/^type /, 'type:'))),
  );
  const others = [...text.matchAll(/^export \* from '(.*)\.js'/gm)].flatMap(([, other = '']) =>
    namesOf(join(dirname(path), `${other}.ts`)),
  );
  return [...own, ...others];
}

const KNOWN: readonly (readonly [name: string, module: string])[] = [
  ...Object.entries(NAMES_OF_OTHERS),
  ...Object.entries(ENTRIES).map(([module, path]) => [module, namesOf(path)] as const),
].flatMap(([module, names]) => names.map((name) => [name, module] as const));

/** Imports what a fragment uses and leaves out for brevity. */
function importsFor(code: string): string {
  const bare = code.replaceAll(/\/\/.*|'[^'\n]*'/g, (text) => (text.startsWith("'../") ? text : ''));
  const uses = (name: string): boolean =>
    new RegExp(String.raw`(?<![\w.'])${name}\b(?!')`).test(bare) &&
    !new RegExp(
      String.raw`\b(?:class|const|let|function|interface|type) ${name}\b|import\b[^;]*\b${name}\b[^;]*from`,
    ).test(code);
  const used = new Map(KNOWN.filter(([name]) => uses(name.replace('type:', ''))));
  return [...used]
    .map(([name, module]) => `import { ${name.replace(':', ' ')} } from '${module}';`)
    .join(' ');
}

const placeOf = ({ page, line, path }: Block): string =>
  join(FILES, page, path ?? `src/tools/example/block-${line}.ts`);

/** Leads imports of files that the page does not show to the sources. */
function withSources(code: string, block: Block): string {
  const place = placeOf(block);
  return code.replaceAll(/(?<=(?:from|module|import) ')\.[^']+(?=')/g, (specifier) => {
    const beside = join(dirname(place), specifier);
    if (shown.has(beside.replace(/\.js$/, '.ts'))) return specifier;
    const source = relative(join(FILES, block.page), beside);
    return relative(dirname(place), source);
  });
}

const blocks = PAGES.filter((page) => !COMPARED.has(page)).flatMap((page) =>
  blocksOf(page).filter(({ language }) => language === 'ts'),
);
const shown = new Set(blocks.map(placeOf));

rmSync(FILES, { recursive: true, force: true });
for (const block of blocks) {
  const place = placeOf(block);
  if (existsSync(place))
    throw new Error(`${block.page}:${block.line}: another block shows ${block.path} too.`);
  const code = block.code.replaceAll('…', '');
  const all = [...block.before, code, ...block.after].join('\n');
  const rows: string[] = Array.from({ length: block.line - 1 }, () => '');
  block.before.forEach((row, index) => (rows[block.beforeLine - 1 + index] = row));
  rows[0] = importsFor(all);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, withSources([...rows, code, ...block.after, 'export {};', ''].join('\n'), block));
}
writeFileSync(join(FILES, 'absent.d.ts'), ABSENT.map((name) => `declare module '${name}';\n`).join(''));
writeFileSync(
  join(FILES, 'tsconfig.json'),
  JSON.stringify({
    extends: resolve('tsconfig.json'),
    compilerOptions: {
      rootDir: resolve('.'),
      noEmit: true,
      tsBuildInfoFile: resolve('node_modules/.cache/typescript/documentation.tsbuildinfo'),
      noUnusedLocals: false, // fragments show what they declare, not what they use
      noUnusedParameters: false,
      paths: Object.fromEntries(Object.entries(ENTRIES).map(([name, path]) => [name, [resolve(path)]])),
    },
    include: ['**/*.ts'],
    exclude: [],
  }),
);

const { stdout, status } = spawnSync('tsc', ['-p', FILES, '--pretty', 'false'], { encoding: 'utf8' });
process.stdout.write(
  stdout.replaceAll(new RegExp(String.raw`${FILES}/(.*?\.md)/\S*?\.ts\((\d+),(\d+)\)`, 'g'), '$1:$2:$3'),
);
process.exitCode = status ?? 1;
