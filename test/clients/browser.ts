import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';

import { listen } from '../../src/values/listen.js';
import { signIn } from '../support/sign-in.js';

/** Stands in for a browser with a user, for programs of any language. */
export interface Browser {
  /** POST an authorization URL here: returns the redirect to the client, and with `?follow` also follows it. */
  readonly url: string;
  /** Number of sign-ins so far. */
  readonly signIns: number;
  /** Folder with commands that programs use to open a browser. */
  readonly commands: string;
  close(): void;
}

/** Commands with which programs open a browser. Each passes its URL to the service and returns at once. */
const COMMANDS = ['xdg-open', 'browser'];
const MAX_ATTEMPTS = 50;

/** Starts the service, and writes its commands into a folder. */
export async function startBrowser(folder: string): Promise<Browser> {
  let signIns = 0;
  const server = createServer((request, response) => {
    void (async () => {
      try {
        const callback = await signIn(await text(request));
        signIns++;
        if (request.url?.includes('follow') === true) await follow(callback);
        response.end(callback.href);
      } catch (error) {
        response.writeHead(500).end(String(error));
      }
    })();
  });
  const url = `http://127.0.0.1:${await listen(server)}/`;
  mkdirSync(folder, { recursive: true });
  for (const command of COMMANDS) {
    const path = join(folder, command);
    writeFileSync(path, `#!/bin/sh\ncurl --silent --data-binary "$1" '${url}?follow' > /dev/null 2>&1 &\n`);
    chmodSync(path, 0o755);
  }
  return {
    url,
    commands: folder,
    get signIns() {
      return signIns;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Follows the redirect to a client, which may begin to listen only after it opened the browser. */
async function follow(callback: URL): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await (await fetch(callback)).text();
      return;
    } catch (error) {
      if (attempt === MAX_ATTEMPTS) throw error;
      await sleep(200);
    }
  }
}
