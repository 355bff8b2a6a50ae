import { prefersPage } from './prefers-page.js';

/** `Accept` of navigations. */
const BROWSERS = [
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8',
  'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01',
  'TEXT/HTML',
];

/** `Accept` of programs. */
const PROGRAMS = [
  undefined,
  '*/*',
  '',
  'application/json',
  'text/event-stream',
  'application/json, text/event-stream',
  'text/event-stream, text/html',
  'text/html, application/json',
  'application/json, text/html;q=0.9',
  'text/*',
  'text/html, */*',
  'text/html;q=0',
  'text/html;q=none',
  'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2',
  'text/html, image/gif, image/jpeg, */*; q=0.2',
];

describe('the choice between the page and the answer of the endpoint', () => {
  it.each(BROWSERS)('shows the page for a navigation: %s', (accept) => {
    expect(prefersPage({ accept })).toBe(true);
    expect(prefersPage({ accept, 'sec-fetch-mode': 'navigate' })).toBe(true);
  });

  it.each(PROGRAMS)('does not for a program: %s', (accept) => {
    expect(prefersPage({ ...(accept !== undefined && { accept }) })).toBe(false);
  });

  it('does not for a header that is longer than those of browsers', () => {
    expect(prefersPage({ accept: `text/html${',a/b'.repeat(300)}` })).toBe(false);
  });

  it.each(['authorization', 'mcp-session-id', 'mcp-protocol-version', 'last-event-id'])(
    'does not for a client that sends %s',
    (header) => {
      expect(prefersPage({ accept: BROWSERS[0], [header]: 'x' })).toBe(false);
    },
  );

  it.each(['cors', 'no-cors', 'same-origin'])('does not for a script with the mode %s', (mode) => {
    expect(prefersPage({ accept: BROWSERS[0], 'sec-fetch-mode': mode })).toBe(false);
  });
});
