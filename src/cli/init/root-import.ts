import type { Node } from 'typescript';

import { addImport } from '../source/add-import.js';
import type { ChangeSet } from '../source/change-set.js';
import type { FoundModule } from '../source/find-module.js';
import { addToModule } from '../source/module-metadata.js';
import { importExtension, relativeImport } from '../source/import-path.js';
import type { Project } from '../source/project.js';
import { parse } from '../source/typescript.js';
import { findGlobalGuard, type PassingDecorator } from './global-guard.js';

/** Plans the import of AerieModule in the root module. Returns notes for the reader. */
export function planImport(project: Project, files: ChangeSet, { path, className }: FoundModule): string[] {
  const { ts } = project;
  const source = files.read(path);
  if (source === undefined) throw new Error(`${path} does not exist. Name the root module with --module.`);
  const guard = findGlobalGuard(project);
  const options = guard?.decorator ? `, { decorators: [${guard.decorator.name}()] }` : '';
  const element = `AerieModule.forRoot(fromEnvironment(${variables(project, files)})${options})`;
  const added = addToModule(ts, source, 'imports', element, className);
  if (added === undefined) {
    throw new Error(`${path} has no @Module() with a list of imports. Add there: ${element}`);
  }
  let imported = addImport(
    ts,
    addImport(ts, added, 'AerieModule', 'aerie-mcp'),
    'fromEnvironment',
    'aerie-mcp',
  );
  if (guard?.decorator)
    imported = addImport(ts, imported, guard.decorator.name, fromOf(project, source, path, guard.decorator));
  files.change(path, imported, 'imports AerieModule');
  return guard ? [guardNote(guard.path, guard.decorator)] : [];
}

function fromOf(project: Project, source: string, path: string, decorator: PassingDecorator): string {
  return relativeImport(path, decorator.path.replace(/\.ts$/, importExtension(project, source)));
}

const guardNote = (path: string, decorator: PassingDecorator | undefined): string =>
  decorator
    ? `${path} has a global guard. Aerie's routes carry @${decorator.name}() of ${decorator.path}, so that it lets them pass. Aerie's own guard still checks every token.`
    : `${path} has a global guard, which also runs for Aerie's routes. If it requires a sign-in, pass the decorator with which it lets a route pass: AerieModule.forRoot(…, { decorators: [Public()] }).`;

/**
 * Returns the variables to pass: with the port on which the application listens by default, so that the endpoint has
 * the right URL in development.
 */
function variables({ ts, entry }: Project, files: ChangeSet): string {
  const source = files.read(entry);
  const port = source === undefined ? undefined : portIn(parse(ts, source));
  return port === undefined ? 'process.env' : `{ PORT: '${port}', ...process.env }`;

  function portIn(node: Node): string | undefined {
    if (ts.isCallExpression(node) && node.expression.getText().endsWith('.listen')) {
      return node.arguments[0] && numberIn(node.arguments[0]);
    }
    return ts.forEachChild(node, portIn);
  }

  function numberIn(node: Node): string | undefined {
    if (ts.isNumericLiteral(node) || (ts.isStringLiteral(node) && /^\d+$/.test(node.text))) return node.text;
    return ts.forEachChild(node, numberIn);
  }
}
