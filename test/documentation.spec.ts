import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';

import { z } from 'zod';

import { blocksOf } from '../scripts/documentation/blocks.js';
import { llmsTexts } from '../scripts/document-llms/llms-texts.js';
import { DOCUMENTS_WITH_VARIABLES } from '../scripts/document-variables/documents.js';
import { anchorOf } from '../site/addresses.js';
import { AUDIT_EVENTS } from '../src/audit/audit-record.js';
import { loadConfiguration } from '../src/config/load-configuration.js';
import { SECTIONS, VARIABLES } from '../src/config/environment.js';
import { COMMANDS } from '../src/cli/commands.js';
import { REASONS } from '../src/logging/reason.js';
import { serverCardOf } from '../src/mcp/card/server-card.js';

/** Pages with examples, in the order of the examples. Other specs run the compared files. */
const PAGES = [
  ['docs/writing-tools.md', 'tools'],
  ['docs/writing-tools.md', 'dice'],
  ['docs/class-inputs.md', 'invoices'],
  ['docs/resources.md', 'resources'],
  ['docs/resources.md', 'pages'],
  ['docs/prompts.md', 'prompts'],
  ['docs/elicitation.md', 'elicitation'],
  ['docs/progress.md', 'progress'],
  ['docs/chatgpt.md', 'chatgpt'],
  ['README.md', 'order-status/order-status.tools'],
  ['README.md', 'order-status/order-status.tools.spec'],
  ['docs/testing.md', 'order-status/order-status.spec'],
] as const;

describe.each(PAGES)('%s', (page, example) => {
  it(`shows the compiled and tested example ${example}`, () => {
    const place = PAGES.filter(([other]) => other === page).findIndex(([, name]) => name === example);
    const shown = [...readFileSync(page, 'utf8').matchAll(/```ts\n(.*?)```\n/gs)][place]?.[1];
    const source = readFileSync(`test/examples/${example}.ts`, 'utf8');
    expect(shown).toBe(source.replaceAll(/(?:\.\.\/){2,3}src\//g, '../../'));
  });
});

describe.each(['docs/embedding.md', 'docs/testing.md', 'scripts/package-readme.md'])('%s', (page) => {
  const withoutIndentation = (code: string): string => code.replaceAll(/^ +/gm, '');
  const sources = readdirSync('test/package/esm/src').map((name) =>
    withoutIndentation(readFileSync(join('test/package/esm/src', name), 'utf8')),
  );
  const shown = blocksOf(page)
    .filter(({ language, path }) => language === 'ts' && !path?.startsWith('src/tools/')) // those are compared above
    .map(({ code }) => code);

  it('shows code of the applications that the check of the package compiles and runs', () => {
    expect(shown).not.toHaveLength(0);
    expect(
      shown.filter((code) => !sources.some((source) => source.includes(withoutIndentation(code)))),
    ).toEqual([]);
  });
});

describe.each(DOCUMENTS_WITH_VARIABLES)('$path', ({ path, update }) => {
  it('lists the variables as declared; otherwise run: npm run document-variables', () => {
    const text = readFileSync(path, 'utf8');
    expect(text).toBe(update(text));
  });
});

describe('docs/discovery.md', () => {
  it('shows the Server Card of the variables that it shows', () => {
    const page = readFileSync('docs/discovery.md', 'utf8');
    const [, variables = ''] = /```sh\n(RESOURCE_URL.*?)```/s.exec(page) ?? [];
    const [, card = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
    const configuration = loadConfiguration({
      NODE_ENV: 'test',
      AUTH_MODE: 'dev',
      ...parseEnv(variables),
    });
    expect(serverCardOf(configuration)).toEqual(JSON.parse(card));
  });
});

describe('llms.txt', () => {
  const { index, full } = llmsTexts((path) => `https://docs.example/${path}`);

  it('lists the pages as they are; otherwise run: npm run document-llms', () => {
    expect(readFileSync('llms.txt', 'utf8')).toBe(llmsTexts().index);
  });

  it('has the address, the title and a summary of every page', () => {
    const pages = readdirSync('docs').filter((name) => name.endsWith('.md'));
    for (const name of pages) {
      expect(index).toMatch(
        new RegExp(`^- \\[.+\\]\\(https://docs.example/docs/${name}\\): \\w.{20,}\\.$`, 'm'),
      );
    }
    expect(index).toMatch(/^# Aerie\n\n> .+\n\n## Start\n\n- .+\n(- .+\n)+\n## Write tools\n\n- /);
  });

  it('has the full text of every page in llms-full.txt', () => {
    const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.md'),
    );
    for (const path of pages) {
      expect(full).toContain(
        `<!-- https://docs.example/docs/${path} -->\n\n${readFileSync(`docs/${path}`, 'utf8').trim()}`,
      );
    }
  });
});

describe('the declarations of variables', () => {
  it('are documented section by section', () => {
    expect(SECTIONS.flatMap(({ variables }) => Object.keys(variables))).toEqual(VARIABLES);
  });
});

describe('docker-compose.yml', () => {
  it('sets or passes each variable of the instances once', () => {
    const [, environment = ''] =
      /environment: &environment(.*?)^  \w/ms.exec(readFileSync('docker-compose.yml', 'utf8')) ?? [];
    const lines = [...environment.matchAll(/^    ([A-Z_]+?)(_FILE)?:(.*)$/gm)];
    const [given, names, set] = [
      lines.map(([, name = '', file = '']) => name + file),
      lines.map(([, name = '']) => name),
      lines.flatMap(([, name = '', , value]) => (value === '' ? [] : [name])),
    ];
    expect(given.filter((name, index) => given.indexOf(name) !== index)).toEqual([]);
    expect(set.filter((name) => names.indexOf(name) !== names.lastIndexOf(name))).toEqual([]);
    const known: readonly string[] = VARIABLES;
    expect(names.filter((name) => !known.includes(name) && !name.startsWith('OTEL_'))).toEqual([]);
  });
});

describe('docs/audit.md', () => {
  const source = readFileSync('src/audit/audit-record.ts', 'utf8');
  const [, records = ''] = readFileSync('docs/audit.md', 'utf8').split(/^## Records$|^## PostgreSQL$/m);
  const rows = records.split('\n').filter((line) => line.startsWith('| `'));
  const codes = (text: string): string[] => [...text.matchAll(/`([\w.]+)`/g)].map(([, code = '']) => code);

  it('explains each event of a record, and no other', () => {
    const [explained = ''] = rows.filter((row) => row.startsWith('| `event`'));
    expect(new Set(codes(explained).slice(1))).toEqual(new Set(AUDIT_EVENTS));
  });

  it('explains each field of a record, and no other', () => {
    const fields = [...source.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field = '']) => field);
    const ofRecords = fields.filter((field) => !['fields', 'json', 'text', 'record'].includes(field));
    expect(new Set(rows.flatMap((row) => codes(row.split('|')[1] ?? '')))).toEqual(new Set(ofRecords));
  });
});

describe('docs/logs.md', () => {
  it('lists every logged reason exactly once', () => {
    const [, reasons = ''] = readFileSync('docs/logs.md', 'utf8').split('## Reasons');
    const listed = [...reasons.matchAll(/^\| `([^`]+)`/gm)].map(([, reason = '']) => reason);
    expect(new Set(listed)).toEqual(new Set([...REASONS, 'http_<status>', 'api_<status>']));
    expect(listed).toHaveLength(REASONS.length + 2);
  });
});

describe('docs/cli.md', () => {
  const page = readFileSync('docs/cli.md', 'utf8');

  it('lists every command', () => {
    const [, table = ''] = page.split('| command');
    const listed = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| \[`([\w-]+)`\]/gm)].map(
      ([, name]) => name,
    );
    expect(new Set(listed)).toEqual(new Set(COMMANDS.map(({ name }) => name)));
    expect(listed).toHaveLength(COMMANDS.length);
  });

  it('lists every finding of doctor exactly once', () => {
    const [, table = ''] = page.split('| finding ');
    const rows = (table.split('\n\n')[0] ?? '').split('\n').map((row) => row.split('|')[1] ?? '');
    const listed = rows.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, id]) => id));
    const source = readdirSync('src/cli/doctor')
      .map((name) => readFileSync(`src/cli/doctor/${name}`, 'utf8'))
      .join('\n');
    const ids = [...source.matchAll(/\b(?:error|warning|unusable)\(\s*'(\w+)'/g)].map(([, id]) => id);
    expect(new Set(listed)).toEqual(new Set(ids));
    expect(listed).toHaveLength(new Set(ids).size);
  });
});

describe('SECURITY.md', () => {
  it('links existing tests for every attacker except the author of a dependency', () => {
    const rows = readFileSync('SECURITY.md', 'utf8').match(/^\| (anybody|somebody|the|a) .*$/gm) ?? [];
    const tests = rows.map((row) => [...row.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path));
    expect(tests.flat().filter((path) => !existsSync(path))).toEqual([]);
    expect(rows.filter((_row, index) => tests[index]?.length === 0)).toEqual([
      expect.stringContaining('the author of a dependency'),
    ]);
  });
});

const DOCUMENTS = ['.', '.changeset', '.github', 'docs', 'docs/decisions', 'docs/runbooks'].flatMap(
  (folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
);

const textOf = (page: string): string => readFileSync(page, 'utf8').replaceAll(/^```.*?^```/gms, '');

const anchorsOf = (page: string): string[] =>
  [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe.each(DOCUMENTS)('the links of %s', (page) => {
  it('lead to existing files and headings', () => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)/g)];
    const broken = links.filter(([, path = '', anchor = '']) => {
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(target)) return true;
      return anchor !== '' && statSync(target).isFile() && !anchorsOf(target).includes(anchor);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});

describe.each(DOCUMENTS)('the tables of %s', (page) => {
  it('have one line between head and rows', () => {
    const line = String.raw`\|(?: *:?-+:? *\|)+\n`;
    expect(textOf(page)).not.toMatch(new RegExp(line + line));
  });
});

describe('docs/decisions', () => {
  it('numbers each decision once, in its name and its heading, and lists them in order', () => {
    const files = readdirSync('docs/decisions').filter((name) => /^\d/.test(name));
    const numbers = files.map((name) => Number(name.slice(0, 4)));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    const heading = (name: string): string =>
      readFileSync(join('docs/decisions', name), 'utf8').split('\n', 1)[0]?.slice(2) ?? '';
    const listed = readFileSync('docs/decisions/README.md', 'utf8').matchAll(/^\| \[(.*?)\]\((\d.*?)\)/gm);
    expect([...listed].map(([, title, name]) => `${name} ${title}`)).toEqual(
      files.map((name) => `${name} ${heading(name)}`),
    );
  });
});

describe('scripts/package-readme.md', () => {
  it('links existing files of the repository, where npm looks for them', () => {
    const links = [...textOf('scripts/package-readme.md').matchAll(/\]\((?!https?:)([^)]*)\)/g)];
    expect(links.filter(([, path = '']) => !existsSync(path)).map(([link]) => link)).toEqual([]);
  });
});

describe('create', () => {
  const manifest = z.looseObject({
    version: z.string(),
    dependencies: z.record(z.string(), z.string()).default({}),
    devDependencies: z.record(z.string(), z.string()).default({}),
  });
  const read = (path: string): z.infer<typeof manifest> =>
    manifest.parse(JSON.parse(readFileSync(path, 'utf8')));
  const own = read('package.json');

  it('is called unpublished in the pages as long as package.json is private', () => {
    const pages = ['README.md', 'docs/embedding.md', 'docs/upgrading.md', 'create/README.md'];
    const notes = pages.filter((page) => readFileSync(page, 'utf8').includes('not on npm yet'));
    expect(notes).toEqual(own.private ? pages : []);
  });

  it('has the version of the package; otherwise run: node scripts/version-create.mjs', () => {
    const named = ([path, pattern]: readonly [string, RegExp]): Set<string> =>
      new Set(readFileSync(path, 'utf8').match(pattern));
    const places = [
      ['create/package.json', /(?<="version": ").*(?=")/g],
      ['create/README.md', /(?<=aerie-mcp-)\S+(?=\.tgz)/g],
      ['deploy/helm/aerie/Chart.yaml', /(?<=^(?:version|appVersion): ).*$/gm],
      ['deploy/kubernetes/overlays/production/kustomization.yaml', /(?<=newTag: )\S+/g],
      ['deploy/kubernetes/overlays/small/kustomization.yaml', /(?<=newTag: )\S+/g],
      ['docs/embedding.md', /(?<=aerie-mcp-)\S+(?=\.tgz)/g],
      ['README.md', /(?<=\*\*Status\*\*: version )[^ ]+(?=\. )/g],
    ] as const;
    expect(places.map(named)).toEqual(places.map(() => new Set([own.version])));
  });

  it('gives a new server the major versions of this repository', () => {
    const majorOf = (range = ''): string | undefined => /\d+/.exec(range)?.[0];
    const versions = { ...own.devDependencies, ...own.dependencies };
    const template = read('create/template/package.json');
    const different = Object.entries({ ...template.devDependencies, ...template.dependencies }).filter(
      ([name, range]) => name in versions && majorOf(versions[name]) !== majorOf(range),
    );
    expect(different).toEqual([]);
  });
});

const rules = z.object({
  default: z.object({
    forbidden: z.array(
      z.object({
        name: z.string(),
        from: z.object({ path: z.string().optional() }),
        to: z.object({ pathNot: z.array(z.string()).or(z.string()).optional() }),
      }),
    ),
  }),
});

describe('docs/architecture.md', () => {
  /** Returns the room or file of a pattern such as `^src/mcp/wire/` or `^src/version.ts(/|$)`. */
  const nameIn = (pattern: string): string =>
    pattern.replace(/^\^src\/(mcp\/(?=[\w-]+\/$))?/, '').replace(/(\(\/\|\$\)|\/)$/, '');

  /** Returns what each room of a folder may import, by the rules of the linter. */
  const allowed = async (folder: string): Promise<Map<string, string[]>> => {
    const { forbidden } = rules.parse(await import(join(process.cwd(), '.dependency-cruiser.mjs'))).default;
    return new Map(
      forbidden
        .filter(({ name }) => name.endsWith('-imports-downwards'))
        .filter(({ from: { path = '' } }) => dirname(path) === `^${folder}`)
        .map(({ from: { path = '' }, to: { pathNot = [] } }) => {
          const [, ...others] = [pathNot].flat(); // the first is the room itself
          return [nameIn(path), others.map(nameIn)];
        }),
    );
  };

  it.each([
    ['src', /<!-- rooms -->(.*?)<!--/s],
    ['src/mcp', /<!-- rooms of mcp -->(.*?)<!--/s],
  ])('lists every room of %s with its allowed imports', async (folder, section) => {
    const [, table = ''] = section.exec(readFileSync('docs/architecture.md', 'utf8')) ?? [];
    const rows = [...table.matchAll(/^\| `([^`]+)` .*\|(.*)\|$/gm)].map(
      ([, room = '', imports = '']) =>
        [room, [...imports.matchAll(/`([^`]+)`/g)].map(([, name]) => name)] as const,
    );
    expect(new Map(rows)).toEqual(await allowed(folder));
    const rooms = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(new Set(rows.map(([room]) => room))).toEqual(new Set(rooms.map(({ name }) => name)));
  });
});
