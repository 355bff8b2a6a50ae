/** Path of the Server Card, below the endpoint (SEP-2127). */
export const SERVER_CARD_PATH = 'server-card';

/** Returns the paths of HTTP+SSE and of the connect page, below the endpoint. */
export const protectedPaths = (parts: { readonly sse: boolean; readonly connectPage: boolean }): string[] => [
  ...(parts.sse ? ['sse', 'messages'] : []),
  ...(parts.connectPage ? ['connect/caller', 'connect/client.json'] : []),
];
