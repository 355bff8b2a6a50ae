import { createRequire } from 'node:module';
import { resolve } from 'node:path';

import type * as typescript from 'typescript';

import { isRecord } from '../../values/is-record.js';

/** Compiler API of TypeScript. */
export type TypeScript = typeof typescript;

/**
 * Loads the TypeScript of the project in the working directory, which every TypeScript project has. The package then
 * needs none of its own.
 */
export function loadTypeScript(): TypeScript {
  for (const from of [resolve('package.json'), import.meta.url]) {
    const loaded = attempt(() => createRequire(from)('typescript') as unknown);
    if (hasCompilerApi(loaded)) return loaded;
  }
  throw new Error(
    'This needs TypeScript 5 or 6: run npm install --save-dev typescript@6. TypeScript 7 has no API to read sources.',
  );
}

const hasCompilerApi = (loaded: unknown): loaded is TypeScript =>
  isRecord(loaded) && typeof loaded['createSourceFile'] === 'function';

function attempt<Value>(load: () => Value): Value | undefined {
  try {
    return load();
  } catch {
    return undefined;
  }
}

/** Parses a source. */
export const parse = (ts: TypeScript, source: string): typescript.SourceFile =>
  ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
