import { type ApiDocument, follow, type Node, textIn } from '../controllers/api-document.js';
import { listIn } from '../../values/list-in.js';
import { recordIn } from '../../values/record-in.js';
import { withoutSlash } from '../../values/without-slash.js';

/** Operation of an OpenAPI document. */
export interface Operation {
  /** Operation id; undefined if the document gives none. */
  readonly id: string | undefined;
  /** Method and path, such as `GET /pets/{id}`. */
  readonly route: string;
  readonly method: string;
  readonly template: string;
  readonly tags: readonly unknown[];
  readonly node: Node;
  /** Parameters of the path, which those of the operation override. */
  readonly shared: readonly unknown[];
  /** URL of its own server, if that differs from the server of the document. */
  readonly server: string | undefined;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

/** Lists the operations of a document. Adds what makes one ambiguous or unsafe to the problems. */
export function operationsOf(document: ApiDocument, problems: string[]): Operation[] {
  const operations = Object.entries(recordIn(document.root['paths'])).flatMap(([template, item]) =>
    operationsAt(document, template, item),
  );
  const routes = new Map<string, string>();
  for (const { id, route } of operations) {
    if (id === undefined) continue;
    const other = routes.get(id);
    if (other === undefined) routes.set(id, route);
    else problems.push(`its document has the operation id "${id}" twice: ${other} and ${route}.`);
  }
  return operations;
}

function operationsAt(document: ApiDocument, template: string, item: unknown): Operation[] {
  const node = recordIn(item);
  const at = typeof node['$ref'] === 'string' ? { ...follow(document, node), ...node } : node;
  const common = serverOf(document.root['servers']);
  return METHODS.filter((name) => name in at).map((name) => {
    const operation = recordIn(at[name]);
    const method = name.toUpperCase();
    const server = serverOf(operation['servers']) ?? serverOf(at['servers']);
    return {
      id: textIn(operation['operationId']),
      route: `${method} ${template}`,
      method,
      template,
      tags: listIn(operation['tags']),
      node: operation,
      shared: listIn(at['parameters']),
      server: server === common ? undefined : server,
    };
  });
}

/** Returns the URL of the first server, with the defaults of its variables. Braces remain if a default is missing. */
export function serverOf(servers: unknown): string | undefined {
  const { url, variables } = recordIn(listIn(servers)[0]);
  return textIn(url)?.replaceAll(
    PLACEHOLDER,
    (text, name: string) => textIn(recordIn(recordIn(variables)[name])['default']) ?? text,
  );
}

/** Reports an operation of another server: requests of tools go to the base URL, with its credentials. */
export function serverProblems({ server }: Operation, baseUrl: string): string[] {
  if (server === undefined) return [];
  const own = URL.parse(server, baseUrl)?.href ?? server;
  if (withoutSlash(own) === withoutSlash(baseUrl)) return [];
  return [`its document sends it to the server ${server.slice(0, 200)}, but tools send it to ${baseUrl}.`];
}

/** Names of the parameters of a path template. */
export const PLACEHOLDER = /\{([^{}]+)\}/g;

/**
 * Whether a template is a plain path. It comes from the document, which must not lead a request, and with it the
 * credentials, out of the base URL.
 */
export function isPlainPath(template: string): boolean {
  const fixed = template.replaceAll(PLACEHOLDER, 'x');
  return (
    /^\/[\w\-.~!$&'()*+,;=:@%/]*$/.test(fixed) &&
    !/%(2f|5c|2e|00)|%(?![0-9a-f]{2})/i.test(fixed) &&
    fixed
      .split('/')
      .slice(1)
      .every(
        (part, index, all) => (part !== '' || index === all.length - 1) && !/^\.{1,2}(;|$)/.test(part),
      ) &&
    // Some servers drop what follows a semicolon, which the style `matrix` begins with.
    !/(^|\/)\.\.\{/.test(template)
  );
}

/** Whether an operation only reads. */
export const isRead = ({ method }: Pick<Operation, 'method'>): boolean =>
  method === 'GET' || method === 'HEAD';
