/**
 * The `fetch` that gets client ID metadata documents: those given are served from memory, all others come from
 * the network. `oidc-provider` calls it with its limits set: HTTPS only, 2.5 s, 5 KB, no redirects, and no
 * addresses of private networks.
 */
export function metadataDocumentFetch(documents: Readonly<Record<string, object>>): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const document = documents[url];
    return document ? Response.json(document) : fetch(input, init);
  };
}
