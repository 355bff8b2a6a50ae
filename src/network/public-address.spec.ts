import type { lookup as resolve, LookupAddress } from 'node:dns';
import { isPrivateHost, isPublicAddress, publicLookup } from './public-address.js';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946', '::ffff:8.8.8.8'])(
    'accepts %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.0.0.5',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '',
    'localhost',
    '0x7f.1.2.3.4',
  ])('rejects %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('publicLookup', () => {
  /** @param rounds addresses that each resolution returns */
  function lookupOf(...rounds: string[][]): (all: boolean) => Promise<unknown> {
    const resolver = ((
      _host: string,
      _options: object,
      done: (error: null, found: LookupAddress[]) => void,
    ) =>
      done(
        null,
        (rounds.shift() ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as unknown as typeof resolve;
    const lookup = publicLookup(resolver);
    return (all) =>
      new Promise((done, fail) => {
        lookup('client.example', { all }, (error, address) => (error ? fail(error) : done(address)));
      });
  }

  it('returns one or all public addresses', async () => {
    expect(await lookupOf(['8.8.8.8', '2606::1'])(false)).toBe('8.8.8.8');
    expect(await lookupOf(['8.8.8.8'])(true)).toEqual([{ address: '8.8.8.8', family: 4 }]);
  });

  it.each([[['127.0.0.1']], [['8.8.8.8', '127.0.0.1']], [['8.8.8.8', '::1']], [['::ffff:10.0.0.1']], [[]]])(
    'rejects a name that resolves to %j',
    async (addresses) => {
      await expect(lookupOf(addresses)(true)).rejects.toThrow(/address/);
      await expect(lookupOf(addresses)(false)).rejects.toThrow(/address/);
    },
  );

  it('resolves only once, so that it connects to the checked address', async () => {
    expect(await lookupOf(['8.8.8.8'], ['127.0.0.1'])(false)).toBe('8.8.8.8');
  });
});

describe('isPrivateHost', () => {
  it.each([
    'localhost',
    'billing',
    'billing.internal',
    'a.svc.cluster.local',
    '10.0.0.1',
    '127.0.0.1',
    '[::1]',
    '[::ffff:10.0.0.1]',
    '169.254.169.254',
  ])('is true of %s', (host) => expect(isPrivateHost(host)).toBe(true));
  it.each(['example.com', 'internal.example.com', '8.8.8.8', '[2606:4700::1]'])('is false of %s', (host) =>
    expect(isPrivateHost(host)).toBe(false),
  );
});
