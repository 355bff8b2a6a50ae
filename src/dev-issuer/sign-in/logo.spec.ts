import { logoLoader } from './logo.js';

const LOGO = 'https://client.example/logo.png';

const serving = (body: string | null, type: string, status = 200): jest.Mock =>
  jest.fn(async () => new Response(body, { status, headers: { 'content-type': type } }));

describe('the logo of a client', () => {
  it('is part of the page, so that the browser loads nothing from its host', async () => {
    const fetchPublic = serving('PNG', 'image/png; x=y');
    const load = logoLoader(fetchPublic);
    expect(await load(LOGO)).toBe(`data:image/png;base64,${btoa('PNG')}`);
    expect(await load(LOGO)).toBe(`data:image/png;base64,${btoa('PNG')}`);
    expect(fetchPublic).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['is too large', serving('x'.repeat(64 * 1024 + 1), 'image/png')],
    ['is no image', serving('<script>', 'text/html')],
    ['is missing', serving('', 'image/png', 404)],
    ['has no body', serving(null, 'image/png', 204)],
    ['cannot be loaded', jest.fn(async () => Promise.reject(new TypeError('refused')))],
  ])('is left out if it %s', async (_case, fetchPublic) => {
    expect(await logoLoader(fetchPublic)(LOGO)).toBeUndefined();
  });

  it.each([undefined, '', 'http://client.example/logo.png', 'javascript:alert(1)', 'data:image/png,x'])(
    'is not loaded from %s',
    async (uri) => {
      const fetchPublic = serving('PNG', 'image/png');
      expect(await logoLoader(fetchPublic)(uri)).toBeUndefined();
      expect(fetchPublic).not.toHaveBeenCalled();
    },
  );
});
