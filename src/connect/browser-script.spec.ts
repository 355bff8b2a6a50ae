import { readFileSync } from 'node:fs';

import { bundleBrowserScript, SCRIPT_FILE } from '../../scripts/browser-script/bundle.js';
import { BROWSER_SCRIPT } from './browser-script.js';

describe('the script of the connect page', () => {
  it('is bundled from its sources; otherwise run: npm run browser-script', async () => {
    expect(readFileSync(SCRIPT_FILE, 'utf8')).toBe(await bundleBrowserScript());
  });

  it('can stand in a page, and makes no markup of texts', () => {
    expect(BROWSER_SCRIPT).not.toMatch(
      /<\/script|<!--|innerHTML|outerHTML|insertAdjacentHTML|localStorage|eval\(/,
    );
  });
});
