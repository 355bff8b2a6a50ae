// Prints the static imports of a package that lead to files which it leaves out.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [folder] = process.argv.slice(2);
for (const name of readdirSync(folder, { recursive: true })) {
  if (!/\.(js|d\.ts)$/.test(name)) continue;
  const source = readFileSync(join(folder, name), 'utf8');
  for (const [, path] of source.matchAll(/^(?:import|export)\b[^;]*?['"](\.[^'"]+)['"];$/gm)) {
    if (!existsSync(join(folder, dirname(name), path))) console.log(`${name}: ${path}`);
  }
}
