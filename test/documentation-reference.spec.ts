import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import * as ts from 'typescript';

/** Headings of docs/reference.md, each with the type that its table lists and the type that another table lists. */
const TABLES = [
  ['Options of every offer', 'OfferOptions', undefined],
  ['@McpTool', 'McpToolOptions', 'OfferOptions'],
  ['@McpResource', 'McpResourceOptions', 'OfferOptions'],
  ['@McpPrompt', 'McpPromptOptions', 'OfferOptions'],
  ['@ExposeAsTool', 'ExposeAsToolOptions', 'OfferOptions'],
  ['AerieModule.forRoot', 'AerieOptions', undefined],
  ['AerieModule.forRootAsync', 'AsyncAerieOptions', 'AerieOptions'],
  ['AerieModule.forFeature', 'FeatureOptions', undefined],
  ['CallContext', 'CallContext', undefined],
] as const;

const [, ...sections] = readFileSync('docs/reference.md', 'utf8').split(/^## /m);

interface Row {
  readonly name: string;
  /** Second cell: the default of an option. */
  readonly second: string;
}

function rowsBelow(heading: string): Row[] {
  const section = sections.find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `(\w+)[^|]*\| ([^|]*)\|/gm)].map(([, name = '', second = '']) => ({
    name,
    second: second.trim(),
  }));
}

const namesBelow = (heading: string): string[] =>
  rowsBelow(heading)
    .map(({ name }) => name)
    .toSorted();

describe('docs/reference.md', () => {
  let checker: ts.TypeChecker;
  const found = new Map<string, ts.Type>();
  let exported: string[] = [];

  beforeAll(() => {
    const program = programOf('src/index.ts');
    checker = program.getTypeChecker();
    const exportsOf = (path: string): ts.Symbol[] => {
      const file = program.getSourceFile(resolve(path));
      const symbol = file && checker.getSymbolAtLocation(file);
      if (!symbol) throw new Error(`${path} exports nothing.`);
      return checker.getExportsOfModule(symbol);
    };
    const all = [...exportsOf('src/index.ts'), ...exportsOf('src/mcp/decorators/offer-method.ts')];
    for (const symbol of all) {
      const declared = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      found.set(symbol.name, checker.getDeclaredTypeOfSymbol(declared));
    }
    exported = exportsOf('src/index.ts')
      .filter((symbol) => isValue(symbol, checker))
      .map(({ name }) => name);
  });

  const membersOf = (name: string): ts.Symbol[] => {
    const type = found.get(name);
    if (!type) throw new Error(`The package has no type ${name}.`);
    return checker.getPropertiesOfType(type).filter(({ name: member }) => !/^(__)?#/.test(member));
  };
  const ownMembersOf = (type: string, without: string | undefined): ts.Symbol[] => {
    const others = new Set(without === undefined ? [] : membersOf(without).map(({ name }) => name));
    return membersOf(type).filter(({ name }) => !others.has(name));
  };

  it.each(TABLES)('lists the members below "%s" that %s has', (heading, type, without) => {
    const members = ownMembersOf(type, without).map(({ name }) => name);
    expect(namesBelow(heading)).toEqual(members.toSorted());
  });

  it.each(TABLES.filter(([heading]) => heading !== 'CallContext'))(
    'calls the options below "%s" required that are not optional in %s',
    (heading, type, without) => {
      const required = ownMembersOf(type, without).filter(({ flags }) => !(flags & ts.SymbolFlags.Optional));
      const listed = rowsBelow(heading).filter(({ second }) => second === 'required');
      expect(listed.map(({ name }) => name).toSorted()).toEqual(required.map(({ name }) => name).toSorted());
    },
  );

  it('lists every other export of the package', () => {
    const described: string[] = TABLES.map(([heading]) => heading.replace('@', ''));
    expect(namesBelow('Other exports')).toEqual(
      exported.filter((name) => !described.includes(name)).toSorted(),
    );
  });
});

/** Parses the exports of the package and what their members come from. The whole program would take several times as long. */
function programOf(path: string): ts.Program {
  const { options } = ts.parseJsonConfigFileContent(
    {
      ...ts.readConfigFile('tsconfig.json', (file) => ts.sys.readFile(file)).config,
      include: [],
      files: [path],
    },
    ts.sys,
    '.',
  );
  const all = { ...options, incremental: false, noEmit: true, types: [] };
  const host = ts.createCompilerHost(all);
  const isFollowed = (name: string, from: string): boolean =>
    name === '@nestjs/common' ||
    (name.startsWith('.') && /\/src\/(mcp\/)?index\.ts$|\/mcp\/decorators\/|\/@nestjs\/common\//.test(from));
  host.resolveModuleNameLiterals = (names, from) =>
    names.map(({ text }) =>
      isFollowed(text, from) ? ts.resolveModuleName(text, from, all, host) : { resolvedModule: undefined },
    );
  return ts.createProgram([path], all, host);
}

/** Whether an export exists at run time. */
function isValue(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  if (!(symbol.flags & ts.SymbolFlags.Alias)) return (symbol.flags & ts.SymbolFlags.Value) !== 0;
  const isTypeOnly = symbol.declarations?.some(
    (declaration) => ts.isExportSpecifier(declaration) && isTypeExport(declaration),
  );
  return !isTypeOnly && (checker.getAliasedSymbol(symbol).flags & ts.SymbolFlags.Value) !== 0;
}

const isTypeExport = (specifier: ts.ExportSpecifier): boolean =>
  specifier.isTypeOnly || specifier.parent.parent.isTypeOnly;
