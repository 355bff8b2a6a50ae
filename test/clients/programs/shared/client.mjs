// Steps that every JavaScript client performs, and a store for its OAuth state.

/** Reports the outcome of a step to the runner. */
export function report(step, outcome, detail = '') {
  process.stdout.write(`${JSON.stringify({ step, outcome, detail: String(detail).slice(0, 300) })}\n`);
}

/** Lets the user sign in. Returns the redirect to the client. */
async function signIn(authorizationUrl) {
  const response = await fetch(process.env.BROWSER_URL, { method: 'POST', body: String(authorizationUrl) });
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return new URL(answer);
}

/** In-memory implementation of the SDK's OAuthClientProvider. */
export class Provider {
  redirectUrl = 'http://127.0.0.1:33418/callback';
  clientMetadata = {
    client_name: 'test:clients',
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  /** Parameters of the latest redirect to the client that was not used yet. */
  answer;
  #state = {};

  state = () => 'state-of-the-client';
  clientInformation = () => this.#state.client;
  saveClientInformation = (client) => void (this.#state.client = client);
  tokens = () => this.#state.tokens;
  saveTokens = (tokens) => void (this.#state.tokens = tokens);
  codeVerifier = () => this.#state.verifier;
  saveCodeVerifier = (verifier) => void (this.#state.verifier = verifier);
  discoveryState = () => this.#state.discovery;
  saveDiscoveryState = (discovery) => void (this.#state.discovery = discovery);
  async redirectToAuthorization(url) {
    this.answer = (await signIn(url)).searchParams;
  }
  takeAnswer() {
    const { answer } = this;
    this.answer = undefined;
    return answer;
  }
  spoilToken() {
    this.#state.tokens = { ...this.#state.tokens, access_token: 'stale' };
  }
}

/**
 * Signs in, lists, calls, gets a further scope, and goes on after its token became invalid.
 *
 * @param provider where the client keeps its OAuth state; without one, the client sends $TOKEN
 * @param connect connects, and returns `{ list, call, close }`
 * @param finish exchanges the code of an authorization response
 */
export async function exercise({ provider, connect, finish }) {
  let client;
  const reconnect = async () => {
    await client?.close().catch(() => undefined);
    client = await connect();
  };
  /** Performs an action; if it led to the authorization page, exchanges the code and performs it again. */
  const withSignIn = async (action) => {
    try {
      return await action();
    } catch (error) {
      const answer = provider?.takeAnswer();
      if (!answer) throw error;
      await finish(answer);
      await reconnect();
      return action();
    }
  };
  const step = async (name, action) => {
    try {
      report(name, 'passed', (await action()) ?? '');
      return true;
    } catch (error) {
      report(name, 'failed', error?.message ?? error);
      return false;
    }
  };
  const call = async (name, args) => {
    const text = await client.call(name, args);
    if (!text) throw new Error(`no text from ${name}`);
    return text;
  };

  const connected = await step(provider ? 'sign in' : 'connect', () =>
    withSignIn(async () => void (client ?? (await reconnect()))),
  );
  if (!connected) return;
  await step('list', async () => {
    const names = await client.list();
    if (!names.some((name) => name.includes('whoami'))) throw new Error(`only ${names.join(', ')}`);
    return `${names.length} tools`;
  });
  await step('call', async () => void (await call('greet_user', { name: 'Ada' })));
  if (provider) {
    await step('step-up', () => withSignIn(async () => void (await call('add_todo', { title: 'x' }))));
    provider.spoilToken();
    await step('renew', () =>
      withSignIn(async () => {
        await reconnect();
        await call('whoami', {});
      }),
    );
  }
  await client.close().catch(() => undefined);
}

export const url = process.env.AERIE_URL;
export const token = process.env.TOKEN;
export const textOf = ({ content, isError }) => {
  const text = content?.map((part) => part.text).join('');
  if (isError) throw new Error(text);
  return text;
};
