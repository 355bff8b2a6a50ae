import { configuredKeys } from './key-source.js';

describe('configuredKeys', () => {
  const keys = configuredKeys(Promise.resolve(['a']));
  const find = (id: string): Promise<string> => keys.find((known) => known.find((key) => key === id));

  it('finds a configured key', async () => {
    expect(await find('a')).toBe('a');
  });

  it('rejects a token whose key is not configured', async () => {
    await expect(find('b')).rejects.toMatchObject({ reason: 'unknown_key' });
  });
});
