import type { Statement } from 'typescript';

import { type Project, sourcesOf } from '../source/project.js';
import { parse, type TypeScript } from '../source/typescript.js';

/** Decorator with which the guard of an application lets a route pass. */
export interface PassingDecorator {
  readonly name: string;
  readonly path: string;
}

/** Global guard of an application. */
export interface GlobalGuard {
  /** File that sets the guard. */
  readonly path: string;
  /** Undefined if there is none, or several. */
  readonly decorator: PassingDecorator | undefined;
}

const SETS_GUARD = /\bAPP_GUARD\b|\.useGlobalGuards\(/;
/** Usual names of such a decorator. A wrong guess opens nothing: only Aerie's routes get it, and Aerie's guard runs. */
const NAME =
  /^(is)?public(route)?$|^(skip|no|without)auth\w*$|^allowanonymous$|^anonymous$|^unauthenticated$/i;

/** Looks for a global guard in the sources, and for the decorator with which it lets a route pass. */
export function findGlobalGuard(project: Project): GlobalGuard | undefined {
  const { ts } = project;
  const sources = sourcesOf(project);
  const guard = sources.find(({ text }) => SETS_GUARD.test(text));
  if (!guard) return undefined;
  const decorators = sources.flatMap(({ path, text }) =>
    text.includes('SetMetadata') ? namesIn(ts, text).map((name) => ({ name, path })) : [],
  );
  return { path: guard.path, decorator: decorators.length === 1 ? decorators[0] : undefined };
}

/** Returns the exported functions without parameters that set metadata, and have one of the names. */
function namesIn(ts: TypeScript, text: string): string[] {
  return parse(ts, text)
    .statements.filter(
      (statement) => isExported(ts, statement) && statement.getText().includes('SetMetadata'),
    )
    .flatMap((statement) => {
      if (ts.isFunctionDeclaration(statement))
        return statement.parameters.length > 0 ? [] : [statement.name?.text ?? ''];
      if (!ts.isVariableStatement(statement)) return [];
      return statement.declarationList.declarations.flatMap(({ name, initializer }) =>
        initializer && ts.isArrowFunction(initializer) && initializer.parameters.length === 0
          ? [name.getText()]
          : [],
      );
    })
    .filter((name) => NAME.test(name));
}

const isExported = (ts: TypeScript, statement: Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
