import type { ImportDeclaration, NamedImports, SourceFile } from 'typescript';

import { parse, type TypeScript } from './typescript.js';

/** Adds an import of a name, sorted into its place, in the style of the other imports. */
export function addImport(ts: TypeScript, source: string, name: string, from: string): string {
  const imports = importsOf(ts, parse(ts, source));
  const same = imports.find(({ path, names }) => path === from && names);
  return same?.names ? addName(source, same.names, name) : addDeclaration(source, imports, name, from);
}

interface Import {
  readonly declaration: ImportDeclaration;
  readonly path: string;
  /** Names in braces, unless only types are imported. */
  readonly names: NamedImports | undefined;
  readonly hasBindings: boolean;
}

/** Reads the imports of a source. */
export function importsOf(ts: TypeScript, file: SourceFile): Import[] {
  return file.statements.filter(ts.isImportDeclaration).map((declaration) => {
    const { importClause: clause, moduleSpecifier } = declaration;
    const bindings = clause?.namedBindings;
    return {
      declaration,
      path: ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : '',
      names: bindings && ts.isNamedImports(bindings) && !clause.isTypeOnly ? bindings : undefined,
      hasBindings: clause !== undefined,
    };
  });
}

function addName(source: string, { elements }: NamedImports, name: string): string {
  if (elements.some((element) => element.name.text === name)) return source;
  const next = elements.find((element) => element.name.text > name);
  const last = elements.at(-1);
  if (next) return insert(source, next.getStart(), `${name}, `);
  return last ? insert(source, last.getEnd(), `, ${name}`) : source;
}

function addDeclaration(source: string, imports: readonly Import[], name: string, from: string): string {
  const [first] = imports;
  const text = first?.declaration.getText() ?? '';
  const quote = text.includes('"') ? '"' : "'";
  const end = text === '' || text.endsWith(';') ? ';' : '';
  const line = `import { ${name} } from ${quote}${from}${quote}${end}`;
  const newline = source.includes('\r\n') ? '\r\n' : '\n';
  const group = imports.filter(({ path }) => isRelative(path) === isRelative(from));
  const next = group.find(({ path, hasBindings }) => hasBindings && path > from);
  // Imports for a side effect, such as reflect-metadata, stay where they are: first.
  const isFirstPackage = group.length === 0 && !isRelative(from);
  const before = next ?? (isFirstPackage ? imports.find(({ hasBindings }) => hasBindings) : undefined);
  if (before) return insert(source, before.declaration.getStart(), `${line}${newline}`);
  const after = group.at(-1) ?? imports.at(-1);
  return after
    ? insert(source, after.declaration.getEnd(), `${newline}${line}`)
    : `${line}${newline}${newline}${source}`;
}

export const isRelative = (path: string): boolean => path.startsWith('.');

export const insert = (source: string, at: number, text: string): string =>
  `${source.slice(0, at)}${text}${source.slice(at)}`;
