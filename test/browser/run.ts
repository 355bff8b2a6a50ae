// Runs the pages in a real browser, against a server with its embedded issuer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Browser, Page } from 'playwright-core';

import { type Aerie, startAerie } from '../support/aerie.js';
import { OAuthClient } from '../support/sign-in.js';
import { ManyToolsModule } from './many-tools.js';
import { openBrowser, type Visit, violationsOn, visit } from './open-browser.js';

const SIZES = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];
const SCHEMES = ['light', 'dark'] as const;

let aerie: Aerie;
let browser: Browser;

before(async () => {
  browser = await openBrowser();
  aerie = await startAerie({ isLogging: false });
});
after(async () => {
  await browser?.close();
  await aerie?.close();
});

/** Gives the page at `/other` the settings of an endpoint there. */
const AS_OTHER_ENDPOINT = `new MutationObserver((_changes, observer) => {
  const main = document.querySelector('main');
  if (!main || location.pathname !== '/other') return;
  observer.disconnect();
  main.dataset.settings = main.dataset.settings.replaceAll('/mcp', '/other');
}).observe(document, { childList: true, subtree: true })`;

const allow = (page: Page, user = 'alice'): Promise<void> =>
  page.check(`input[value=${user}]`).then(() => page.click('button[value=allow]'));

const tool = (page: Page, title: string): ReturnType<Page['locator']> =>
  page.locator('.tools > details', {
    has: page.locator('summary .name', { hasText: new RegExp(`^${title}$`) }),
  });

async function signedIn(
  options: Parameters<typeof visit>[1] = {},
  user = 'alice',
  url = aerie.url,
): Promise<Visit> {
  const visitor = await visit(browser, options);
  await visitor.page.goto(url);
  await visitor.page.click('#sign-in');
  await allow(visitor.page, user);
  await visitor.page.waitForSelector('#session:not([hidden])');
  return visitor;
}

for (const viewport of SIZES) {
  for (const colorScheme of SCHEMES) {
    void test(`the connect page is accessible, ${colorScheme}, ${viewport.width} px`, async () => {
      const { page, complaints } = await visit(browser, { viewport, colorScheme });
      await page.goto(aerie.url);
      await page.locator('#cursor > summary').click();
      assert.deepEqual(await violationsOn(page), []);
      const width = await page.evaluate('document.documentElement.scrollWidth');
      assert.equal(width, viewport.width, 'the page is wider than the window');
      assert.deepEqual(complaints, []);
    });

    void test(`the signed-in page is accessible, ${colorScheme}, ${viewport.width} px`, async () => {
      const { page, complaints } = await signedIn({ viewport, colorScheme });
      await tool(page, 'List todos').locator('summary').first().click();
      assert.deepEqual(await violationsOn(page), []);
      assert.deepEqual(complaints, []);
    });
  }
}

void test('signs in, shows the caller and the tools, and tries one', async () => {
  const { page, complaints, origins } = await signedIn();
  const session = page.locator('#session');
  assert.match((await session.textContent()) ?? '', /usr_100000000000000001.*org_acme.*org:read/s);
  assert.equal(new URL(page.url()).search, '', 'the code is still in the address');
  assert.equal(await page.textContent('#look'), 'Signed in');

  const greet = tool(page, 'Greet a user');
  await greet.locator('summary').first().click();
  await greet.locator('input').fill('<img src=x onerror=alert(1)>');
  await greet.getByRole('button', { name: 'Try it' }).click();
  const result = greet.getByRole('region');
  assert.equal(await result.textContent(), 'Hi <img src=x onerror=alert(1)>, welcome to Scalekit!');
  assert.equal(await result.locator('img').count(), 0, 'a result became markup');

  assert.deepEqual(complaints, []);
  assert.deepEqual(new Set(origins), new Set([aerie.origin, aerie.issuer.url]));
  const stored = await page.evaluate(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
  );
  assert.doesNotMatch(String(stored), /eyJ|verifier/, 'a token or a verifier is stored');
});

void test('asks for more scopes, and never offers to call a tool that changes something', async () => {
  const { page } = await signedIn();
  const locked = tool(page, 'Add a todo');
  await locked.locator('summary').first().click();
  await locked.getByText('Ask for todo:write below').waitFor();
  assert.match((await locked.textContent()) ?? '', /needs todo:write/);
  await page.getByRole('button', { name: 'Ask for todo:write' }).click();
  await allow(page);
  await page.waitForSelector('#session:not([hidden])');
  const changing = tool(page, 'Add a todo');
  await changing.locator('summary').first().click();
  await changing.getByText('may change something').waitFor();
  assert.equal(await changing.getByRole('button').count(), 0);
});

void test('shows the name of a tool without a title once', async () => {
  const { page } = await visit(browser);
  await page.route(aerie.url, async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    const response = await route.fetch();
    const body = (await response.text()).replaceAll('"title":"Greet a user",', '');
    return route.fulfill({ response, body });
  });
  await page.goto(aerie.url);
  await page.click('#sign-in');
  await allow(page);
  assert.equal(
    await tool(page, 'greet_user').locator('summary').first().textContent(),
    'greet_userread-only',
  );
});

void test('says what happened if the user denies, and finishes no foreign sign-in', async () => {
  const { page } = await visit(browser);
  await page.goto(aerie.url);
  await page.click('#sign-in');
  await page.click('button[value=deny]');
  assert.match((await page.locator('#problem').textContent()) ?? '', /You did not sign in/);

  await page.goto(`${aerie.url}?code=stolen&state=foreign`);
  assert.match((await page.locator('#problem').textContent()) ?? '', /not started in this tab/);
  assert.equal(await page.locator('#session').isVisible(), false);
});

void test('accepts no answer of another authorization server', async () => {
  const { page } = await visit(browser);
  await page.goto(aerie.url);
  await page.route('**/oauth/authorize*', (route) => route.abort());
  const asked = page.waitForRequest('**/oauth/authorize*');
  await page.click('#sign-in');
  const state = new URL((await asked).url()).searchParams.get('state');
  await page.goto(`${aerie.url}?code=stolen&state=${state}&iss=https%3A%2F%2Fevil.example`);
  assert.match((await page.locator('#problem').textContent()) ?? '', /does not come from/);
});

void test('signs in as the client that the operator configured', async () => {
  const configured = await startAerie({
    isLogging: false,
    environment: { CONNECT_CLIENT_ID: 'm2m_configured' },
  });
  try {
    const { page } = await visit(browser);
    await page.goto(configured.url);
    const asked = page.waitForRequest('**/oauth/authorize*');
    await page.click('#sign-in');
    assert.equal(new URL((await asked).url()).searchParams.get('client_id'), 'm2m_configured');
  } finally {
    await configured.close();
  }
});

void test('tells an administrator what to do if browsers cannot register', async () => {
  const { page } = await visit(browser);
  await page.route(`${aerie.issuer.url}/**`, (route) => route.abort());
  await page.goto(aerie.url);
  await page.click('#sign-in');
  const problem = page.locator('#problem');
  await problem.waitFor();
  assert.match((await problem.textContent()) ?? '', /CONNECT_CLIENT_ID.*Redirect URI/s);
  assert.deepEqual(await violationsOn(page), []);
});

void test('registers again after a sign-in that did not come back, and for each endpoint of the origin', async () => {
  const { page } = await visit(browser);
  const clientIds = new Set<string | null>();
  await page.route('**/oauth/authorize*', (route) => route.fulfill({ status: 400, body: 'Unknown client' }));
  const other = `${aerie.origin}/other`;
  await page.route(other, (route) => route.continue({ url: aerie.url }));
  await page.addInitScript(AS_OTHER_ENDPOINT);
  for (const url of [aerie.url, aerie.url, other]) {
    await page.goto(url);
    const asked = page.waitForRequest('**/oauth/authorize*');
    await page.click('#sign-in');
    clientIds.add(new URL((await asked).url()).searchParams.get('client_id'));
  }
  assert.equal(clientIds.size, 3);
});

void test('shows thousands of tools, and arguments that have the names of members of a form', async () => {
  const many = await startAerie({ isLogging: false, modules: [ManyToolsModule] });
  try {
    const { page, complaints } = await signedIn({}, 'alice', many.url);
    const last = tool(page, 'tool_2999');
    await last.locator('summary').first().click();
    await last.locator('input').first().fill('a text');
    await last.getByRole('button', { name: 'Try it' }).click();
    assert.equal(await last.getByRole('region').textContent(), 'Got a text.');
    assert.deepEqual(complaints, []);
  } finally {
    await many.close();
  }
});

void test('calls no tool that is not read-only anymore', async () => {
  const { page } = await signedIn();
  const methods: unknown[] = [];
  await page.route(aerie.url, async (route) => {
    const { method } = route.request().postDataJSON() as { method: string };
    methods.push(method);
    const response = await route.fetch();
    const body = (await response.text()).replaceAll('"readOnlyHint":true', '"readOnlyHint":false');
    await route.fulfill({ contentType: 'application/json', body });
  });
  const greet = tool(page, 'Greet a user');
  await greet.locator('summary').first().click();
  await greet.locator('input').fill('Ada');
  await greet.getByRole('button', { name: 'Try it' }).click();
  assert.match((await greet.getByRole('region').textContent()) ?? '', /not a read-only tool anymore/);
  assert.deepEqual(methods, ['tools/list']);
});

void test('says that a sign-in needs https', async () => {
  const { page } = await visit(browser);
  await page.addInitScript("Object.defineProperty(window, 'isSecureContext', { value: false })");
  await page.goto(aerie.url);
  assert.match((await page.locator('#problem').textContent()) ?? '', /https/);
  assert.equal(await page.locator('#sign-in').count(), 0);
});

void test('copies the address, and works with the keyboard', async () => {
  const { page } = await visit(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.goto(aerie.url);
  await page.getByRole('button', { name: 'Copy address' }).press('Enter');
  assert.equal(await page.evaluate('navigator.clipboard.readText()'), aerie.url);
  await page.locator('#codex > summary').press('Enter');
  assert.equal(await page.getByText('codex mcp add').isVisible(), true);
});

void test('explains the setup without scripts', async () => {
  const { page } = await visit(browser, { javaScriptEnabled: false });
  await page.goto(aerie.url);
  await page.locator('#zed > summary').click();
  assert.equal(await page.locator('#zed pre').isVisible(), true);
  assert.equal(await page.getByText('needs JavaScript').isVisible(), true);
});

for (const viewport of [
  { width: 1280, height: 720 },
  { width: 500, height: 600 },
]) {
  void test(`the sign-in page shows Allow at ${viewport.width} × ${viewport.height}, and says when it is over`, async () => {
    const redirectUri = 'cursor://anysphere.cursor-mcp/oauth/callback';
    const client = await OAuthClient.register(aerie.issuer.resourceIssuer, {
      client_name: 'Cursor',
      redirect_uris: [redirectUri],
    });
    const { page, complaints } = await visit(browser, { viewport });
    await page.goto(
      client.authorizationUrl({ scope: 'openid profile offline_access usr:read org:read admin' }).href,
    );
    const box = await page.getByRole('button', { name: 'Allow' }).boundingBox();
    assert.ok(box && box.y + box.height <= viewport.height, 'Allow needs scrolling');
    assert.deepEqual(await violationsOn(page), []);
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByText('Signed in. You can return to Cursor.').waitFor();
    const link = await page.getByRole('link', { name: 'Open Cursor' }).getAttribute('href');
    assert.match(link ?? '', /^cursor:\/\/anysphere\.cursor-mcp\/oauth\/callback\?code=/);
    assert.deepEqual(await violationsOn(page), []);
    assert.deepEqual(complaints, []);
  });
}
