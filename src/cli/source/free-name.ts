import type { SourceFile, Statement } from 'typescript';

import { importsOf } from './add-import.js';
import { parse, type TypeScript } from './typescript.js';

/** Name in a source, and the path that it is imported from; undefined for a declaration. */
interface Binding {
  readonly name: string;
  readonly from: string | undefined;
}

/**
 * Checks that a source can import a name from a path.
 *
 * @param place path of the source, for the message
 * @throws {Error} when the source has the name already, from elsewhere
 */
export function requireFreeName(
  ts: TypeScript,
  { place, source }: { readonly place: string; readonly source: string },
  name: string,
  from: string,
): void {
  const other = bindingsOf(ts, parse(ts, source)).find((one) => one.name === name && one.from !== from);
  if (!other) return;
  throw new Error(
    `${place} has another ${name}${other.from === undefined ? '' : ` from '${other.from}'`}. Choose another name.`,
  );
}

/** Whether a source imports a name. */
export const importsName = (ts: TypeScript, source: string, name: string): boolean =>
  bindingsOf(ts, parse(ts, source)).some((one) => one.name === name && one.from !== undefined);

const bindingsOf = (ts: TypeScript, file: SourceFile): Binding[] => [
  ...importsOf(ts, file).flatMap(({ declaration: { importClause: clause }, path: from }) => {
    const bindings = clause?.namedBindings;
    const named = bindings && ts.isNamedImports(bindings) ? bindings.elements : bindings ? [bindings] : [];
    return [clause?.name?.text ?? [], named.map(({ name }) => name.text)]
      .flat()
      .map((name) => ({ name, from }));
  }),
  ...file.statements.flatMap((statement) =>
    namesDeclaredBy(ts, statement).map((name) => ({ name, from: undefined })),
  ),
];

function namesDeclaredBy(ts: TypeScript, statement: Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const isDeclaration =
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return isDeclaration && statement.name ? [statement.name.text] : [];
}
