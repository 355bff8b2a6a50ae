import { existsSync, readdirSync } from 'node:fs';
import { posix, resolve, relative } from 'node:path';

import type { CompilerOptions, Node, SourceFile } from 'typescript';

import { importsOf } from './add-import.js';
import type { ChangeSet } from './change-set.js';
import type { Project } from './project.js';
import { parse, type TypeScript } from './typescript.js';

/** Module of an application. */
export interface FoundModule {
  readonly path: string;
  /** Name of its class; undefined for the only one of the file. */
  readonly className?: string | undefined;
}

/**
 * Finds the module nearest to a folder: in the folder or above it, else the root module.
 *
 * @throws {Error} when there is none, or several
 */
export function nearestModule(project: Project, files: ChangeSet, folder: string): FoundModule {
  for (let at = folder; at !== '.' && at !== project.sourceRoot; at = posix.dirname(at)) {
    const modules = modulesIn(at);
    const own = modules.find((name) => name === `${posix.basename(at)}.module.ts`);
    if (modules.length > 1 && own === undefined) {
      throw new Error(`${at} has several modules: ${modules.join(', ')}. Choose one with --module.`);
    }
    const name = own ?? modules[0];
    if (name !== undefined) return { path: posix.join(at, name) };
  }
  return rootModule(project, files);
}

const modulesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.module.ts')) : [];

/**
 * Finds the module that the application is created from.
 *
 * @throws {Error} when it cannot be found
 */
export function rootModule({ ts, entry, sourceRoot }: Project, files: ChangeSet): FoundModule {
  const source = files.read(entry);
  const file = source === undefined ? undefined : parse(ts, source);
  const className = file && createdClass(ts, file);
  const path = file && className !== undefined ? definingFile(ts, entry, file, className, files) : undefined;
  if (path !== undefined) return { path, className };
  const usual = posix.join(sourceRoot, 'app.module.ts');
  if (existsSync(usual)) return { path: usual };
  throw new Error(`${entry} creates no application from a module that can be found. Name it with --module.`);
}

/** Returns the class in `NestFactory.create(AppModule)`, or in `NestFactory.create(AppModule.register())`. */
function createdClass(ts: TypeScript, file: SourceFile): string | undefined {
  const visit = (node: Node): string | undefined => {
    if (ts.isCallExpression(node) && /^NestFactory\s*\.\s*create\b/.test(node.expression.getText())) {
      const [, name] = /^(\w+)/.exec(node.arguments[0]?.getText() ?? '') ?? [];
      if (name !== undefined) return name;
    }
    return ts.forEachChild(node, visit);
  };
  return visit(file);
}

/** Follows imports and re-exports to the file that declares a class. */
function definingFile(
  ts: TypeScript,
  path: string,
  file: SourceFile,
  className: string,
  files: ChangeSet,
  visited: readonly string[] = [],
): string | undefined {
  if (file.statements.some((node) => ts.isClassDeclaration(node) && node.name?.text === className))
    return path;
  const froms = [
    ...importsOf(ts, file).flatMap(({ names, path: from }) =>
      names?.elements.some(({ name }) => name.text === className) ? [from] : [],
    ),
    ...file.statements.flatMap((node) =>
      ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)
        ? [node.moduleSpecifier.text]
        : [],
    ),
  ];
  for (const from of froms) {
    const next = resolved(ts, from, path);
    const source = next === undefined || visited.includes(next) ? undefined : files.read(next);
    if (next === undefined || source === undefined) continue;
    const found = definingFile(ts, next, parse(ts, source), className, files, [...visited, path]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Resolves an import as the compiler does, with the path aliases of `tsconfig.json`. */
function resolved(ts: TypeScript, from: string, path: string): string | undefined {
  const name = ts.resolveModuleName(from, resolve(path), compilerOptions(ts), ts.sys).resolvedModule
    ?.resolvedFileName;
  if (name === undefined || name.includes('/node_modules/')) return undefined;
  return relative(process.cwd(), name).replaceAll('\\', '/');
}

function compilerOptions(ts: TypeScript): CompilerOptions {
  const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)) as {
    config?: unknown;
  };
  return ts.parseJsonConfigFileContent(config ?? {}, { ...ts.sys, readDirectory: () => [] }, process.cwd())
    .options;
}
