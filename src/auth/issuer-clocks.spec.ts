import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';

import { Logger } from '@nestjs/common';

import { listen } from '../values/listen.js';
import { loadKeySet } from './own-keys/load-key-set.js';
import { loadScalekitKeys } from './scalekit/scalekit-keys.js';
import { VerifiedTokens } from './verified-tokens.js';
import { issuerKeys } from './signing-keys/issuer-keys.js';
import type { KeySet } from './signing-keys/signing-keys.js';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }];
const TIMES = { maxAge: 60_000, maxStale: 60_000, cooldown: 10_000 };

describe.each<[string, (origin: string) => Promise<KeySet>]>([
  ['Scalekit', (origin) => loadScalekitKeys(origin)],
  ['a JWK Set', (origin) => loadKeySet(`${origin}/keys`)],
])('the keys of %s', (_what, load) => {
  let server: Server;
  let origin: string;
  let lead = 0;
  beforeEach(async () => {
    server = createServer((_request, response) => {
      response.setHeader('date', new Date(Date.now() + lead).toUTCString());
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys }));
    });
    origin = `http://127.0.0.1:${await listen(server)}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    [0, 0],
    [3_000, 0],
    [30_000, 1],
    [-30_000, 1],
  ])('tell of a clock that is %i ms ahead by %i warnings', async (ahead, warnings) => {
    lead = ahead;
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const configuration = { signingKeys: TIMES };
    const verified = new VerifiedTokens(60_000);
    const signingKeys = issuerKeys(() => load(origin), configuration, verified, new Logger('Keys'));
    signingKeys.start();
    await signingKeys.current();
    signingKeys.stop();
    expect(warn).toHaveBeenCalledTimes(warnings);
  });
});
