import { metadataDocumentFetch } from './client-metadata.js';

const CLAUDE_CODE = 'https://claude.ai/oauth/claude-code-client-metadata';
const clientAt = async (url: string, fetchPublic: typeof fetch): Promise<unknown> =>
  (await metadataDocumentFetch({}, fetchPublic)(url)).json();

describe('the metadata document of a well-known client', () => {
  it.each([
    ['cannot be fetched', (): Promise<Response> => Promise.reject(new TypeError('fetch failed'))],
    ['is refused by a proxy', async (): Promise<Response> => new Response('blocked', { status: 403 })],
  ])('is replaced by a copy if it %s', async (_why, fetchPublic) => {
    expect(await clientAt(CLAUDE_CODE, fetchPublic)).toMatchObject({
      client_id: CLAUDE_CODE,
      client_name: 'Claude Code',
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
      token_endpoint_auth_method: 'none',
    });
  });

  it('is used as published if it can be fetched', async () => {
    const published = { client_id: CLAUDE_CODE, client_name: 'Claude Code 9' };
    expect(await clientAt(CLAUDE_CODE, async () => Response.json(published))).toEqual(published);
  });
});

it('has no copy for an unknown client', async () => {
  const failure = new TypeError('fetch failed');
  const fetchPublic = (): Promise<Response> => Promise.reject(failure);
  await expect(clientAt('https://client.example/metadata.json', fetchPublic)).rejects.toBe(failure);
});
