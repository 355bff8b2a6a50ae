import type { OperationMapping } from '../../mcp/decorators/open-api-options.js';
import type { Names } from '../new/names.js';
import { isRelative } from '../source/add-import.js';
import { uniqueName } from './unique-name.js';

/** API to write sources for. */
export interface ImportedApi {
  readonly names: Names;
  readonly title: string;
  readonly baseUrl: string;
  readonly operations: readonly { readonly key: string; readonly mapping: OperationMapping }[];
  /** Security schemes, and the kind of each. */
  readonly schemes: readonly { readonly name: string; readonly isBasic: boolean }[];
  readonly document: object;
}

const upper = ({ snake }: Names): string => snake.toUpperCase();

/** Variable for the secret of a security scheme. */
const variableOf = (names: Names, scheme: string): string =>
  `${upper(names)}_${scheme
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/\W+/g, '_')
    .toUpperCase()}`;

/** Returns the variables for the secrets of the API by security scheme, each once. */
export function variablesOf({ names, schemes }: Pick<ImportedApi, 'names' | 'schemes'>): Map<string, string> {
  const taken = new Set<string>();
  return new Map(schemes.map(({ name }) => [name, uniqueName(variableOf(names, name), taken)]));
}

/** Source of the mapping. Texts of the document appear only in literals. */
export function mappingSource(
  { names, baseUrl, operations, schemes }: ImportedApi,
  api: string,
  extension: string,
): string {
  const { camel, kebab } = names;
  const hasSecrets = schemes.length > 0;
  const imports = hasSecrets ? 'configuredCredentials, type OpenApiOptions, settings' : 'type OpenApiOptions';
  const zod = hasSecrets ? "import { z } from 'zod';\n" : '';
  const apiImport = `import { ${imports} } from '${api}';\n`;
  const head = isRelative(api) ? `${zod}${zod === '' ? '' : '\n'}${apiImport}` : `${apiImport}${zod}\n`;
  return `${head}import { ${camel}Document } from './${kebab}.document${extension}';

${hasSecrets ? settingsSource(names, schemes) : ''}/**
 * Tools of the API ${kebab}. Review each: who may call it, what a model reads about it, which arguments it may choose
 * (\`parameters\`), and which fields of the response it gets (\`response\`). See docs/openapi.md.
 */
export const ${camel}Api: OpenApiOptions = {
  name: ${literal(kebab)},
  document: ${camel}Document,
${upstreamSource(names, baseUrl, schemes)}
  operations: {
${operations.map(({ key, mapping }) => `    ${memberName(key)}: ${literal(mapping, 4, memberName(key).length + 2)},`).join('\n')}
  },
};
`;
}

const settingsSource = (
  names: Names,
  schemes: ImportedApi['schemes'],
  variables = variablesOf({ names, schemes }),
): string => `/** Secrets of this service, one for each security scheme of the document. Remove those that you do not use. */
export const ${names.camel}Settings = settings(
  ${literal(names.kebab)},
  z.object({
${schemes
  .map(({ name, isBasic }) => {
    const hint = isBasic
      ? `Set name and password for ${name}, as name:password.`
      : `Set the secret for ${name}.`;
    return `    ${memberName(variables.get(name) ?? name)}: z.string(${literal(hint)}),`;
  })
  .join('\n')}
  }),
);

`;

function upstreamSource(names: Names, baseUrl: string, schemes: ImportedApi['schemes']): string {
  if (schemes.length === 0) return `  baseUrl: ${literal(baseUrl)},`;
  const secrets = [...variablesOf({ names, schemes })].map(
    ([name, variable]) => `        ${memberName(name)}: secrets.${variable},`,
  );
  return `  useFactory: () => {
    const secrets = ${names.camel}Settings();
    return {
      baseUrl: ${literal(baseUrl)},
      credentials: configuredCredentials({
${secrets.join('\n')}
      }),
    };
  },`;
}

/** Source of the part of the document that the tools need. */
export const documentSource = ({ names, document }: ImportedApi): string =>
  `/** Part of the OpenAPI document that the tools need. */
export const ${names.camel}Document: object = ${literal(document, 0, 40)};
`;

/** Source of the spec: the mapping must fit the document. */
export function specSource({ names, operations }: ImportedApi, api: string, extension: string): string {
  const { camel, kebab } = names;
  const tools = operations.map(({ mapping: { name } }) => name);
  return `import { openApiProblems } from '${api}';
${isRelative(api) ? '' : '\n'}import { ${camel}Api } from './${kebab}.api${extension}';

describe('the tools of the API ${kebab}', () => {
  it('fit its OpenAPI document', async () => {
    expect(await openApiProblems(${camel}Api)).toEqual([]);
  });

  it('are those that have been reviewed', () => {
    const names = Object.values(${camel}Api.operations ?? {}).map(({ name }) => name);
    const reviewed = ${literal(tools, 4, 'const reviewed = ;'.length)};
    expect(new Set(names)).toEqual(new Set(reviewed));
  });
});
`;
}

const memberName = (name: string): string =>
  name === '__proto__' ? "['__proto__']" : /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);

/** Maximum width of a line that needs no line breaks. Prettier formats the file anyway if the project has it. */
const WIDTH = 110;

/**
 * Prints a value as source. JSON is JavaScript, except for the member `__proto__`.
 *
 * @param indentation spaces before the line
 * @param used characters of the line before the value
 */
function literal(value: unknown, indentation = 0, used = 0): string {
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const flat = flatLiteral(value);
  if (indentation + used + flat.length < WIDTH) return flat;
  const inner = indentation + 2;
  const lines = Array.isArray(value)
    ? value.map((item) => literal(item, inner))
    : membersOf(value).map(([name, member]) => `${name}: ${literal(member, inner, name.length + 2)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${lines.map((line) => `${' '.repeat(inner)}${line},\n`).join('')}${' '.repeat(indentation)}${close}`;
}

function flatLiteral(value: object): string {
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, -Infinity)).join(', ')}]`;
  const members = membersOf(value).map(([name, member]) => `${name}: ${literal(member, -Infinity)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

const membersOf = (value: object): [string, unknown][] =>
  Object.entries(value).flatMap(([name, member]): [string, unknown][] =>
    member === undefined ? [] : [[memberName(name), member]],
  );

const text = (value: string): string =>
  value.includes("'")
    ? JSON.stringify(value)
    : `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"')}'`;
