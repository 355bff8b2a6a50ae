import { readdirSync, readFileSync } from 'node:fs';

import { CLIENTS } from './catalog.js';
import { updated } from './document.js';

describe('the page about clients', () => {
  it('shows the results of the last run, and explains every failure; otherwise run: npm run test:clients', () => {
    const page = readFileSync('docs/clients.md', 'utf8');
    expect(page).toBe(updated(page));
  });

  it('joins the lines of a command without their backslashes, so that it can be pasted', () => {
    const page = readFileSync('docs/clients.md', 'utf8');
    expect(page).toContain('curl -s https://mcp.example.com/mcp -H');
    expect(page.match(/`[^`]*\\ -[^`]*`/g)).toBeNull();
  });

  it('lists every program', () => {
    const programs = readdirSync('test/clients/programs').filter((name) => name !== 'shared');
    expect(Object.keys(CLIENTS).toSorted()).toEqual(programs.toSorted());
  });
});
