import { countHeader } from './count-header.js';

describe('the count of a header', () => {
  it('ignores case, other names, and values that look like the name', () => {
    const raw = ['Host', 'a', 'HOST', 'b', 'Accept', 'host', 'X-Host', 'c'];

    expect(countHeader(raw, 'host')).toBe(2);
    expect(countHeader(raw, 'authorization')).toBe(0);
  });
});
