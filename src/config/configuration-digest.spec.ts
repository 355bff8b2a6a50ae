import { configurationDigest } from './configuration-digest.js';

describe('configurationDigest', () => {
  const digest = configurationDigest({ PORT: '3000', AUDIT: 'file' });

  it('is equal for equal settings, in whatever order and next to whatever other variables', () => {
    expect(digest).toMatch(/^[\da-f]{64}$/);
    expect(configurationDigest({ AUDIT: ' file ', HOME: '/', PORT: '3000', HOST: '' })).toBe(digest);
  });

  it('changes with each setting, but not with the value of a secret', () => {
    expect(configurationDigest({ PORT: '3001', AUDIT: 'file' })).not.toBe(digest);
    const withKey = (key: string): string => configurationDigest({ PORT: '3000', AUDIT_DIGEST_KEY: key });
    expect(withKey('a')).toBe(withKey('b'));
    expect(withKey('a')).not.toBe(configurationDigest({ PORT: '3000' }));
  });
});
