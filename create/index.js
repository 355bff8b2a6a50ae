#!/usr/bin/env node
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';

const TEMPLATE = new URL('template/', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** Entries that version control, editors and systems put into a folder that is otherwise empty. */
const HARMLESS = new Set(['.git', '.DS_Store', '.idea', '.vscode']);
const contentsOf = (folder) => readdirSync(folder).filter((name) => !HARMLESS.has(name));

/** Makes a new server in a folder, which must be empty or not exist. */
function create(folder) {
  const target = resolve(folder);
  if (existsSync(target) && contentsOf(target).length > 0) {
    throw new Error(`${folder} is not empty, so nothing was written. Choose another folder.`);
  }
  const name = basename(target).toLowerCase();
  if (!/^[a-z\d][a-z\d._-]*$/.test(name)) {
    throw new Error(
      `"${name}" cannot be the name of a package. Use letters, digits and dashes, such as my-server.`,
    );
  }
  const made = mkdirSync(target, { recursive: true });
  try {
    return write(target, name);
  } catch (error) {
    const written = made ? [made] : contentsOf(target).map((entry) => join(target, entry));
    for (const path of written) rmSync(path, { recursive: true, force: true });
    throw error;
  }
}

/** Writes the files of a new server, and returns their number. */
function write(target, name) {
  cpSync(TEMPLATE, target, { recursive: true });
  // npm leaves files of this name out of packages.
  renameSync(join(target, 'gitignore'), join(target, '.gitignore'));
  const path = join(target, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  manifest.name = name;
  manifest.dependencies['aerie-mcp'] = `^${version}`;
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
  const readme = join(target, 'README.md');
  writeFileSync(readme, readFileSync(readme, 'utf8').replace('# my-server', `# ${name}`));
  return readdirSync(TEMPLATE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .length;
}

/** Returns the next commands, for the package manager that runs this program. */
function nextCommands(folder) {
  const [, manager = 'npm'] = /^(pnpm|yarn|bun)\//.exec(process.env.npm_config_user_agent ?? '') ?? [];
  const run = manager === 'npm' ? 'npm' : `${manager} run`;
  // Yarn runs no "prestart".
  const build = manager === 'yarn' ? ['yarn run build'] : [];
  return [`cd ${quoted(folder)}`, `${manager} install`, ...build, `${run} start`, `${run} test`];
}

/** Returns a word as the shell of the system reads it. */
function quoted(word) {
  if (/^[\w./@:\\-]+$/.test(word)) return word;
  return process.platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}

// Signals wait until the files are complete: half a folder would be refused next time.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

const [folder, ...rest] = process.argv.slice(2);
if (!folder || folder.startsWith('-') || rest.length > 0) {
  console.error(
    'Usage: npm create aerie-mcp@latest <folder>\n\nExample: npm create aerie-mcp@latest my-server',
  );
  process.exitCode = folder === '--help' || folder === '-h' ? 0 : 2;
} else {
  try {
    const count = create(folder);
    const [major, minor] = process.versions.node.split('.').map(Number);
    if (major < 22 || (major === 22 && minor < 15)) {
      console.error(`Warning: this is Node.js ${process.versions.node}. The server needs 22.15 or later.\n`);
    }
    const next = nextCommands(folder).map((command) => `  ${command}`);
    console.log(`Created ${count} files in ${folder}.\n\nNext:\n${next.join('\n')}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
