import { requireSupported } from './require-supported.js';

describe('requireSupported', () => {
  const project = (dependencies: Record<string, string>): Parameters<typeof requireSupported>[0] => ({
    manifest: { dependencies: { '@nestjs/core': '^12.3.0', ...dependencies } },
    entry: 'src/main.ts',
  });
  const peers = [
    { name: '@nestjs/core', range: '^12.3.0', isOptional: false },
    { name: 'ioredis', range: '^6.0.0', isOptional: true },
  ];

  it('refuses an optional peer that does not fit if npm installs, which would refuse it', () => {
    const old = project({ ioredis: '^5.0.0' });
    expect(() => requireSupported(old, peers, 'npm')).toThrow(
      'Aerie accepts only ioredis ^6.0.0, and package.json has ioredis ^5.0.0.',
    );
    expect(() => requireSupported(old, peers, 'pnpm')).not.toThrow();
  });

  it.each(['npm', 'pnpm'])('refuses a needed peer that does not fit, with %s', (manager) => {
    const old = project({ '@nestjs/core': '~12.1.0' });
    expect(() => requireSupported(old, peers, manager)).toThrow('Aerie accepts only @nestjs/core ^12.3.0');
  });
});
