import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { CALLER_ADDRESS, message } from './caller.mjs';

const BOTH = 'application/json, text/event-stream';
const BODY_LIMIT = 1024 * 1024;

/** Each returns what it saw, or throws. */
export const checks = {
  async stream(caller) {
    const { status, headers, text, first, duration } = await caller.wait(3, {
      accept: BOTH,
      _meta: { progressToken: 'p' },
    });
    expect(status === 200 && /event-stream/.test(headers['content-type']), `${status} ${text}`);
    expect(text.includes('Waited 3 s.'), text);
    expect(first < 1_000 && duration > 2_900, `first event after ${ms(first)}, end after ${ms(duration)}`);
    return `first event after ${ms(first)}, end after ${ms(duration)}`;
  },

  async 'long call'(caller) {
    const { status, text, duration } = await caller.wait(30);
    expect(status === 200 && text.includes('Waited 30 s.'), `${status} ${text} after ${ms(duration)}`);
    return `200 after ${ms(duration)}`;
  },

  async 'body limit'(caller) {
    const send = (size) => {
      const empty = message('tools/call', { name: 'wait', arguments: { seconds: 0, padding: '' } });
      const body = empty.replace('"padding":""', `"padding":"${'x'.repeat(size - empty.length)}"`);
      return caller.request({ body, headers: { accept: 'application/json' } });
    };
    const within = await send(BODY_LIMIT);
    expect(within.status === 200, `a body of BODY_LIMIT: ${within.status} ${within.text.slice(0, 200)}`);
    const above = await send(BODY_LIMIT + 1);
    expect(
      above.status === 413 && above.text.includes(`${BODY_LIMIT} bytes`),
      `one byte more: ${above.status} ${above.text.slice(0, 200)}`,
    );
    return `${BODY_LIMIT} bytes: 200; one more: 413 of the server, which names the limit`;
  },

  async address(caller, instances) {
    const mark = randomUUID();
    const { headers } = await caller.request({
      body: message('tools/list'),
      headers: { accept: BOTH, 'x-forwarded-for': '6.6.6.6', 'x-request-id': mark },
    });
    const id = headers['x-request-id'];
    expect(id && id !== mark, `the request id is ${id === mark ? "the client's" : 'missing'}`);
    await delay(500); // the log is written in batches
    const line = instances.log().find((text) => text.includes(id));
    const address = line && JSON.parse(line).address;
    expect(address === CALLER_ADDRESS, `the log has ${address}`);
    return `the log has the client's, not that of its X-Forwarded-For; its X-Request-Id is replaced`;
  },

  async internal(caller) {
    const { status } = await caller.request({ method: 'GET', path: '/health/ready' });
    const open = await caller.request({ method: 'GET', path: '/health' });
    expect(status === 404 && open.status === 200, `/health/ready: ${status}, /health: ${open.status}`);
    return '/health/ready is 404, /health is 200';
  },

  async sessions(caller) {
    const opened = await Promise.all(Array.from({ length: 14 }, () => openSession(caller)));
    const instances = new Set(opened.map((id) => id.slice(0, 7)));
    expect(instances.size === 2, `all sessions are in ${[...instances]}`);
    for (let round = 0; round < 4; round++) {
      const found = await Promise.all(opened.map((id) => inSession(caller, id)));
      expect(found.every((status) => status === 200), `in sessions: ${found}`); // prettier-ignore
    }
    const unknown = await inSession(caller, `aerie-3-${randomUUID()}`);
    expect(unknown === 404, `an unknown instance: ${unknown}`);
    return `${opened.length} in both instances, each found 4 times; an unknown instance: 404`;
  },

  async 'HTTP+SSE'(caller) {
    const seen = await Promise.all(Array.from({ length: 14 }, () => overSse(caller)));
    expect(new Set(seen).size === 2, `all streams are in ${seen[0]}`);
    return `${seen.length} streams in both instances, each found by its query`;
  },

  /** Alone, because it stops an instance, as the next one does. */
  async killed(caller, instances) {
    const calls = Array.from({ length: 8 }, () => caller.wait(3));
    await delay(1_000);
    await instances.kill('aerie-2');
    // Before the proxy has checked the health again.
    const next = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        await delay(50 + index * 40);
        return caller.wait(0);
      }),
    );
    const answers = await Promise.all(calls);
    await instances.start('aerie-2');
    await delay(3_000);
    const refused = next.filter(({ status }) => status !== 200).map(({ status }) => status);
    expect(refused.length === 0, `new calls got ${refused}`);
    const lost = answers.filter(({ status }) => status !== 200);
    const isHonest = lost.every(({ status, headers }) => status === 502 && !headers['retry-after']);
    expect(
      lost.length > 0 && isHonest,
      `answers: ${answers.map((one) => [one.status, one.headers['retry-after']])}`,
    );
    return `${lost.length} of ${answers.length} running calls were in the instance: 502, without Retry-After; ${next.length} new ones: 200`;
  },

  /** Alone, because it stops both instances. The first answers come before the proxy has checked their health again. */
  async down(caller, instances) {
    const id = await sessionIn(caller, 'aerie-2');
    await Promise.all(['aerie-1', 'aerie-2'].map(instances.kill));
    const seen = new Set();
    for (const pause of [0, 4_000]) {
      await delay(pause);
      const body = message('tools/list');
      const outside = await caller.request({ headers: { accept: BOTH }, body });
      const inside = await inSession(caller, id);
      const { status: byQuery } = await caller.request({ path: '/mcp/messages?instance=aerie-2', body });
      seen.add(
        `${outside.status}, Retry-After ${outside.headers['retry-after']}; sessions ${inside}, ${byQuery}`,
      );
    }
    await Promise.all(['aerie-1', 'aerie-2'].map(instances.start));
    await delay(3_000);
    const answers = [...seen].join('; then ');
    const right = instances.answersPlainly
      ? /^50[23], Retry-After undefined; sessions 50[23], 50[23]$/
      : /^503, Retry-After \d+; sessions 404, 404$/;
    const isRight = [...seen].every((one) => right.test(one));
    expect(isRight, answers);
    return answers;
  },

  /** Undefined if the proxy has no reload. */
  async reload(caller, instances) {
    if (!instances.reload) return undefined;
    const session = await openSession(caller);
    const stream = caller.wait(5, { accept: BOTH, _meta: { progressToken: 'p' } });
    const long = caller.wait(5);
    const seen = await underLoad(caller, instances, instances.reloadClosesConnections, async () => {
      for (let count = 0; count < 3; count++) {
        await delay(1_000);
        await instances.reload(count);
      }
      await delay(1_000);
    });
    for (const { status, text } of [await stream, await long])
      expect(status === 200 && text.includes('Waited 5 s.'), `a call from before: ${status} ${text}`);
    const after = await inSession(caller, session, true);
    expect(after === 200, `a session from before: ${after}`);
    return `${seen} during 3 reloads; a stream, a long call and a session from before went on`;
  },

  async roll(caller, instances) {
    const session = await sessionIn(caller, 'aerie-2');
    let lost;
    const seen = await underLoad(caller, instances, instances.replacementClosesConnections, async () => {
      await delay(500);
      await instances.replace('aerie-2', async () => {
        await delay(1_500);
        lost = await inSession(caller, session);
      });
      await delay(2_000);
    });
    const after = await inSession(caller, session);
    expect(after === 404, `the lost session: ${after}`);
    return `${seen} while an instance was replaced; its session: ${lost}, then ${after}`;
  },
};

/**
 * Calls while something happens. Each call must return, and begin once.
 *
 * @param closesConnections whether the proxy may close a connection on which the client is sending a request. No
 *   instance may have got that request.
 */
async function underLoad(caller, instances, closesConnections, happens) {
  const run = randomUUID(); // the log also has other calls
  const calls = [];
  const closed = [];
  const send = (mark, isOnNewConnection) =>
    caller.wait(0.05, { arguments: { seconds: 0.05, mark }, isOnNewConnection }).then(
      ({ status }) => status,
      ({ message: problem, code, onReusedConnection }) => {
        if (!closesConnections || !onReusedConnection || code !== 'ECONNRESET') return problem;
        closed.push(mark);
        return send(mark, true);
      },
    );
  let isDone = false;
  const load = (async () => {
    while (!isDone) {
      calls.push(send(`${run} ${calls.length}`, false));
      await delay(20);
    }
  })();
  await happens();
  isDone = true;
  await load;
  const failures = (await Promise.all(calls)).filter((status) => status !== 200);
  expect(
    failures.length === 0,
    `${failures.length} of ${calls.length} calls failed: ${failures.slice(0, 5)}`,
  );
  const begun = instances.log().filter((line) => line.startsWith(`begun ${run} `));
  expect(
    new Set(begun).size === calls.length && begun.length === calls.length,
    `${begun.length} of ${calls.length} calls were begun`,
  );
  const sentAgain =
    closed.length > 0 ? `, ${closed.length} sent again because the proxy closed the connection` : '';
  return `${calls.length} calls, each begun once${sentAgain},`;
}

async function openSession(caller) {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'try', version: '1' },
  };
  const { status, headers, text } = await caller.request({
    headers: { accept: BOTH },
    body: message('initialize', params),
  });
  expect(headers['mcp-session-id'], `no session: ${status} ${text}`);
  return headers['mcp-session-id'];
}

async function sessionIn(caller, instance) {
  for (let tries = 0; tries < 20; tries++) {
    const id = await openSession(caller);
    if (id.startsWith(`${instance}-`)) return id;
  }
  throw new Error(`no session in ${instance}`);
}

async function inSession(caller, id, isOnNewConnection = false) {
  const { status } = await caller.request({
    isOnNewConnection,
    headers: { accept: BOTH, 'mcp-session-id': id },
    body: message('tools/list'),
  });
  return status;
}

/** Opens a stream of HTTP+SSE, sends a message to the URL that it names, and returns the instance. */
async function overSse(caller) {
  const endpoint = Promise.withResolvers();
  caller
    .request({
      method: 'GET',
      path: '/mcp/sse',
      headers: { accept: 'text/event-stream' },
      onData: (text, outgoing) => {
        const path = /^data: (\S+)/m.exec(text)?.[1];
        if (path) endpoint.resolve({ path, close: () => outgoing.destroy() });
      },
    })
    .then(({ status, text }) => endpoint.reject(new Error(`the stream ended: ${status} ${text}`)))
    .catch(() => undefined); // closed below
  const { path, close } = await endpoint.promise;
  const params = {
    protocolVersion: '2024-11-05',
    capabilities: {},
    clientInfo: { name: 'try', version: '1' },
  };
  const url = new URL(path, 'https://mcp.example.com');
  const { status, text } = await caller.request({
    path: `${url.pathname}${url.search}`,
    body: message('initialize', params),
  });
  close();
  expect(status === 202, `a message: ${status} ${text}`);
  return url.searchParams.get('instance');
}

const ms = (duration) => `${Math.round(duration)} ms`;

function expect(holds, what) {
  if (!holds) throw new Error(what);
}
