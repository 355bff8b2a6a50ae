import { httpUrl } from './http-url.js';

describe('httpUrl', () => {
  it.each(['acme.scalekit.com', 'acme', 'ftp://acme.scalekit.com', 'https://user:secret@acme.scalekit.com'])(
    'rejects %s without throwing',
    (text) => {
      expect(httpUrl.safeParse(text).success).toBe(false);
    },
  );

  it.each(['https://acme.scalekit.com', 'http://localhost:3003'])('accepts %s', (text) => {
    expect(httpUrl.safeParse(text).success).toBe(true);
  });
});
