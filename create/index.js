#!/usr/bin/env node
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const TEMPLATE = new URL('template/', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** Makes a new server in a folder, which must be empty or not exist. */
function create(folder) {
  const target = resolve(folder);
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new Error(`${folder} is not empty, so nothing was written. Choose another folder.`);
  }
  const name = basename(target).toLowerCase();
  if (!/^[a-z\d][a-z\d._-]*$/.test(name)) {
    throw new Error(
      `"${name}" cannot be the name of a package. Use letters, digits and dashes, such as my-server.`,
    );
  }
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
  return readdirSync(target, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .length;
}

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
    console.log(`Created ${count} files in ${folder}.

Next:
  cd ${folder}
  npm install
  npm start
  npm test`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
