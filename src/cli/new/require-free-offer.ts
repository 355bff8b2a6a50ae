import type { Node } from 'typescript';

import { type Project, sourcesOf } from '../source/project.js';
import { parse, type TypeScript } from '../source/typescript.js';
import type { Kind } from './templates.js';

/** Decorators that declare offers of a kind. */
const DECORATORS: Readonly<Record<Kind, RegExp>> = {
  tool: /^(McpTool|ExposeAsTool)$/,
  resource: /^McpResource$/,
  prompt: /^McpPrompt$/,
};

/**
 * Checks that no source of the project declares an offer with the name or the URI of a new one. A server with both would
 * not start, unless they are at different endpoints, so an application with several is not checked.
 *
 * @param provider source of the new offer
 * @throws {Error} when one does
 */
export function requireFreeOffer(project: Project, kind: Kind, provider: string): void {
  const own = identitiesIn(project.ts, provider, kind);
  const sources = sourcesOf(project);
  if (sources.some(({ text }) => /\bendpoint:/.test(text))) return;
  for (const { path, text } of sources) {
    if (!text.includes('@Mcp') && !text.includes('@ExposeAsTool')) continue;
    const taken = identitiesIn(project.ts, text, kind).find((identity) => own.includes(identity));
    if (taken === undefined) continue;
    throw new Error(`${path} has a ${kind} with the ${taken} already. Choose another name.`);
  }
}

/** Returns the names and URIs that a source declares, such as `name 'greet'`. */
function identitiesIn(ts: TypeScript, source: string, kind: Kind): string[] {
  const identities: string[] = [];
  const visit = (node: Node): void => {
    if (ts.isDecorator(node) && ts.isCallExpression(node.expression)) {
      const { expression, arguments: values } = node.expression;
      if (DECORATORS[kind].test(expression.getText())) identities.push(...identitiesOf(ts, values[0]));
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(ts, source));
  return identities;
}

function identitiesOf(ts: TypeScript, options: Node | undefined): string[] {
  if (!options || !ts.isObjectLiteralExpression(options)) return [];
  return options.properties.flatMap((property) => {
    const key = property.name?.getText().replaceAll(/["']/g, '') ?? '';
    const isIdentity =
      (key === 'name' || key === 'uri') &&
      ts.isPropertyAssignment(property) &&
      ts.isStringLiteralLike(property.initializer);
    return isIdentity ? [`${key} '${property.initializer.text}'`] : [];
  });
}
