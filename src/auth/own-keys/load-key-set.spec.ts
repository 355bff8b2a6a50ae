import { freePort } from '../../../test/support/ports.js';
import { loadKeySet } from './load-key-set.js';

describe('loadKeySet', () => {
  it('says why the issuer cannot be reached', async () => {
    const uri = `http://127.0.0.1:${await freePort()}/keys`;
    await expect(loadKeySet(uri)).rejects.toThrow(/^No signing keys at .* \(connect ECONNREFUSED .*\)\.$/);
  });
});
