import { withoutPort } from './without-port.js';

describe('withoutPort', () => {
  it.each([
    ['192.0.2.7:51234', '192.0.2.7'],
    ['[2001:db8::1]:51234', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:192.0.2.7', '::ffff:192.0.2.7'],
    ['2001:db8::192.0.2.7', '2001:db8::192.0.2.7'],
    ['unknown', 'unknown'],
    ['', ''],
  ])('turns "%s" into "%s"', (address, bare) => expect(withoutPort(address)).toBe(bare));
});
