import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { systemErrorCode } from '../../files/system-error-code.js';
import type { Io } from '../terminal/io.js';
import { namesOf } from './names.js';
import { registerProvider } from './register.js';
import { type Kind, type Sources, sourcesFor } from './templates.js';

/** Options of the command line. */
export interface NewOptions {
  /** File of the module that lists the providers. */
  readonly module: string;
}

/** Entry point of the decorators in the repository of Aerie. Other applications import the package. */
const OWN_API = 'src/mcp/index.ts';

/** Writes a provider with one offer and its spec, and registers the provider in the module. */
export async function createOffer(kind: Kind, name: string, options: NewOptions, io: Io): Promise<void> {
  const names = namesOf(name);
  const folder = join(dirname(options.module), names.kebab);
  const api = existsSync(OWN_API)
    ? relative(folder, OWN_API).replaceAll('\\', '/').replace(/\.ts$/, '.js')
    : 'aerie-mcp';
  const sources = sourcesFor(kind, names, api);
  const before = await readModule(options.module);
  const registered = registerProvider(before, sources.className, `./${names.kebab}/${sources.file}.js`);
  if (registered === undefined) {
    throw new Error(
      `${options.module} has no "providers" in @Module() to add ${sources.className} to. Use --module.`,
    );
  }
  const written = await writeSources(folder, sources);
  await writeFile(options.module, await formatted(options.module, registered));
  const lines = [...written.map((path) => `created  ${path}`), `changed  ${options.module}`];
  io.stdout.write(`${lines.join('\n')}\n`);
}

async function readModule(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Error(
      `${path} cannot be read (${systemErrorCode(cause)}). Run this in the folder of package.json, or use --module.`,
      {
        cause,
      },
    );
  }
}

/** Writes both files or neither. Never overwrites a file. */
async function writeSources(folder: string, { file, provider, spec }: Sources): Promise<string[]> {
  const written: string[] = [];
  await mkdir(folder, { recursive: true });
  try {
    for (const [name, text] of [
      [`${file}.ts`, provider],
      [`${file}.spec.ts`, spec],
    ] as const) {
      const path = join(folder, name);
      await writeFile(path, await formatted(path, text), { flag: 'wx' });
      written.push(path);
    }
    return written;
  } catch (error) {
    await Promise.all(written.map((path) => rm(path)));
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    throw new Error(`${join(folder, file)} exists, so nothing was written. Choose another name.`, {
      cause: error,
    });
  }
}

/** Formats a source as the project does, if it uses Prettier. */
async function formatted(path: string, source: string): Promise<string> {
  try {
    const prettier = await import('prettier');
    return await prettier.format(source, { ...(await prettier.resolveConfig(path)), filepath: path });
  } catch {
    return source;
  }
}
