import { ConfiguredKeys } from './key-source.js';

describe('configured keys', () => {
  const keys = new ConfiguredKeys(Promise.resolve(['a']));
  const find = (id: string): Promise<string> => keys.find((known) => known.find((key) => key === id));

  it('finds a configured key', async () => {
    expect(await find('a')).toBe('a');
  });

  it('rejects a token whose key is not configured', async () => {
    await expect(find('b')).rejects.toMatchObject({ reason: 'unknown_key' });
  });

  it('finds only the keys that replaced others', async () => {
    const changing = new ConfiguredKeys(Promise.resolve(['a']));
    changing.replace(Promise.resolve(['b']));
    await expect(changing.find((known) => known.find((key) => key === 'b'))).resolves.toBe('b');
    await expect(changing.find((known) => known.find((key) => key === 'a'))).rejects.toMatchObject({
      reason: 'unknown_key',
    });
  });
});
