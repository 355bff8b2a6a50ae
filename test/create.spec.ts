import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FILES = ['.dockerignore', '.env.example', '.gitignore', 'Dockerfile', 'package.json', 'src'];
/** Interrupts the program between two of its writes. */
const INTERRUPTION = `data:text/javascript,${encodeURIComponent(`
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { renameSync } = fs;
fs.renameSync = (...paths) => { process.kill(process.pid, 'SIGINT'); renameSync(...paths); };
syncBuiltinESMExports();
`)}`;

describe('create-aerie-mcp', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-create-'));
    cpSync('create', join(directory, 'create'), { recursive: true });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const pathOf = (name: string): string => join(directory, name);
  function create(
    folder: string,
    { agent, options = [] }: { readonly agent?: string; readonly options?: readonly string[] } = {},
  ): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
    return spawnSync(process.execPath, [...options, 'create/index.js', folder], {
      cwd: directory,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...(agent !== undefined && { npm_config_user_agent: agent }) },
    });
  }

  it('lets Git ignore private keys', () => {
    expect(create('shop')).toMatchObject({ status: 0 });
    execFileSync('git', ['init', '--quiet'], { cwd: pathOf('shop') });
    const keys = ['private.pem', 'keys/private.pem'];
    const ignored = execFileSync('git', ['check-ignore', ...keys], { cwd: pathOf('shop'), encoding: 'utf8' });
    expect(ignored.trim().split('\n')).toEqual(keys);
  });

  it('accepts a folder with files of version control and editors only', () => {
    for (const name of ['.git', '.idea', '.vscode']) mkdirSync(pathOf(`shop/${name}`), { recursive: true });
    writeFileSync(pathOf('shop/.DS_Store'), '');
    expect(create('shop')).toMatchObject({ status: 0 });
    expect(readdirSync(pathOf('shop'))).toEqual(expect.arrayContaining(['.git', '.DS_Store', ...FILES]));
  });

  it('writes nothing into a folder with other files', () => {
    mkdirSync(pathOf('shop'));
    writeFileSync(pathOf('shop/notes.txt'), '');
    expect(create('shop')).toMatchObject({ status: 1, stderr: expect.stringContaining('is not empty') });
    expect(readdirSync(pathOf('shop'))).toEqual(['notes.txt']);
  });

  it('leaves nothing of a failed run', () => {
    writeFileSync(pathOf('create/template/package.json'), '{');
    mkdirSync(pathOf('own/.git'), { recursive: true });
    expect(create('made/shop')).toMatchObject({ status: 1, stderr: expect.stringContaining('JSON') });
    expect(existsSync(pathOf('made'))).toBe(false);
    expect(create('own')).toMatchObject({ status: 1 });
    expect(readdirSync(pathOf('own'))).toEqual(['.git']);
  });

  it('completes the folder when it is interrupted', () => {
    create('shop', { options: ['--import', INTERRUPTION] });
    expect(readdirSync(pathOf('shop'))).toEqual(expect.arrayContaining(FILES));
  });

  it.each([
    [undefined, 'npm install\n  npm start\n  npm test\n'],
    ['npm/11.6.2 node/v24.11.0 linux x64', 'npm install\n  npm start\n  npm test\n'],
    ['pnpm/10.20.0 npm/? node/v24.11.0 linux x64', 'pnpm install\n  pnpm run start\n  pnpm run test\n'],
    ['bun/1.3.1 npm/? node/v24.3.0 linux x64', 'bun install\n  bun run start\n  bun run test\n'],
    [
      'yarn/4.10.3 npm/? node/v24.11.0 linux x64',
      'yarn install\n  yarn run build\n  yarn run start\n  yarn run test\n',
    ],
  ])('prints the commands of the package manager %s', (agent, commands) => {
    expect(create('shop', { ...(agent !== undefined && { agent }) }).stdout).toMatch(
      new RegExp(`Next:\n  cd shop\n  ${commands}$`),
    );
  });

  it('quotes a folder for the shell', () => {
    expect(create("ada's servers/shop").stdout).toContain(`  cd 'ada'\\''s servers/shop'\n`);
  });
});
