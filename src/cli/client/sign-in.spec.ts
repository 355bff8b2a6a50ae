import { BrowserSignIn } from './sign-in.js';

describe('a sign-in in the browser', () => {
  let signIn: BrowserSignIn;
  const open = jest.fn<void, [URL]>();
  beforeEach(async () => {
    open.mockClear();
    signIn = await BrowserSignIn.listen(open);
  });
  afterEach(() => signIn.close());

  const ask = async (query: string, path = '/callback'): Promise<number> =>
    (await fetch(`${new URL(signIn.redirectUrl).origin}${path}?${query}`)).status;

  it('takes one answer, with the state of the open sign-in only', async () => {
    expect(await ask('state=&error=forged')).toBe(404); // none is open
    const state = signIn.state();
    expect(await ask('code=forged')).toBe(404);
    expect(await ask('state=&code=forged')).toBe(404);
    expect(await ask(`state=${state}&code=right`, '/elsewhere')).toBe(404);
    expect(await ask(`state=${state}&code=right`)).toBe(200);
    expect(await ask(`state=${state}&code=again`)).toBe(404);
    expect(await ask('state=&code=forged')).toBe(404);
    expect((await signIn.answer()).get('code')).toBe('right');
  });

  it('goes on after a request whose path is no URL', async () => {
    expect(await ask('', '//')).toBe(404);
    const state = signIn.state();
    expect(await ask(`state=${state}&code=right`)).toBe(200);
  });

  it('opens the browser for the first sign-in and one more', () => {
    const url = new URL('https://issuer.example/authorize');
    signIn.redirectToAuthorization(url);
    signIn.redirectToAuthorization(url);
    expect(() => signIn.redirectToAuthorization(url)).toThrow('still refuses after 2 sign-ins');
    expect(open).toHaveBeenCalledTimes(2);
  });

  it('opens only addresses of the web', () => {
    expect(() => signIn.redirectToAuthorization(new URL('file:///etc/passwd'))).toThrow(
      /no address|not an address/,
    );
  });
});
