import { isPrivateHost } from '../../network/public-address.js';
import { httpUrl } from '../../values/http-url.js';
import { NO_OFFERS } from '../catalog/catalog.js';
import type { DeclaredOffer } from '../catalog/offer-source.js';
import type { OpenApiMapping, UpstreamOptions } from '../decorators/open-api-options.js';
import { compileOperation } from './compile-operation.js';
import { loadDocument } from './load-document.js';
import { operationsOf } from './operations.js';
import type { OpenApiOffers } from './open-api-offers.js';
import { unusedCredentials } from './security.js';
import { selectedIn } from './select-operations.js';
import { UpstreamClient } from './upstream-client.js';

/**
 * Loads a document and prepares its operations as tools.
 *
 * @throws {Error} when a document at a URL cannot be loaded
 */
export async function compileApi(options: OpenApiMapping & UpstreamOptions): Promise<OpenApiOffers> {
  const { name, allowPrivateNetwork = false } = options;
  const owner = `AerieModule.fromOpenApi("${name}")`;
  const problems: string[] = [];
  const baseUrl = baseUrlOf(options.baseUrl, problems);
  const isPrivate = allowPrivateNetwork || (baseUrl !== undefined && isPrivateHost(baseUrl.hostname));
  const loaded = await loadDocument(options.document, isPrivate);
  if ('problems' in loaded) problems.push(...loaded.problems);
  const operations = 'document' in loaded ? operationsOf(loaded.document, problems) : [];
  const selected = 'document' in loaded ? selectedIn(operations, options, problems) : [];
  if ('document' in loaded && selected.length > 0) {
    problems.push(...unusedCredentials(loaded.document, operations, options));
  }
  const general: DeclaredOffer = {
    owner,
    name,
    compile: (findings) => {
      findings.problems.push(...problems);
      return NO_OFFERS;
    },
  };
  const client = baseUrl && new UpstreamClient(baseUrl, allowPrivateNetwork, name);
  return {
    declare: (resultLimit) => [
      ...(problems.length > 0 ? [general] : []),
      ...selected.flatMap((one): DeclaredOffer[] =>
        client && 'document' in loaded
          ? [
              {
                owner: `${owner}: ${one.operation.id ?? one.operation.route}`,
                name: one.mapping.name,
                compile: (findings) =>
                  compileOperation(
                    { options, baseUrl, client, document: loaded.document },
                    one,
                    resultLimit,
                    findings,
                  ),
              },
            ]
          : [],
      ),
    ],
    close: async () => client?.close(),
  };
}

function baseUrlOf(text: string, problems: string[]): URL | undefined {
  const { data, error } = httpUrl.safeParse(text);
  const url = data === undefined ? undefined : new URL(data);
  if (url && url.search === '' && url.hash === '') return url;
  const fault = error?.issues[0]?.message ?? 'must not have a query or a fragment';
  problems.push(`its baseUrl ${fault}. Use the URL that the paths of the document are appended to.`);
  return undefined;
}
