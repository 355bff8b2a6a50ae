import { join } from 'node:path';

import { type Case, everyOperation, TOOLS } from '../cases.js';
import { type Contestant, tokenSettings } from '../contestant.js';
import { ERAS, type Era } from '../exchange.js';
import type { Issuer } from '../issuer.js';
import type { Failures } from '../failures.js';
import { installPeer } from './install.js';

interface Peer {
  /** Name of the folder. */
  readonly name: string;
  /** Name in the results. */
  readonly server: string;
  readonly eras: readonly Era[];
  readonly path: string;
  readonly isPython: boolean;
}

const PEERS: readonly Peer[] = [
  { name: 'mcp-nest', server: '@rekog/mcp-nest', eras: ERAS, path: '/mcp', isPython: false },
  { name: 'sdk', server: 'SDK as its guide shows', eras: ERAS, path: '/mcp', isPython: false },
  { name: 'fastmcp', server: 'fastmcp (npm)', eras: ['2025-11-25'], path: '/mcp', isPython: false },
  { name: 'fastmcp-python', server: 'FastMCP (Python)', eras: ERAS, path: '/', isPython: true },
];

/** Cases of the peers. Leaves out a peer that cannot be installed. */
export function peerCases(issuer: Issuer, failures: Failures): Case[] {
  return PEERS.flatMap((peer) => {
    try {
      const directory = installPeer(peer.name, peer.isPython);
      return everyOperation(peer.server, contestantOf(peer, directory, issuer), peer.eras);
    } catch (error) {
      failures.add(`${peer.server}, installation`, error);
      return [];
    }
  });
}

function contestantOf({ name, path, isPython }: Peer, directory: string, issuer: Issuer): Contestant {
  return {
    name,
    command: isPython
      ? [join(directory, 'venv/bin/python'), 'server.py']
      : [process.execPath, join(directory, 'server.mjs')],
    directory,
    path,
    environment: { NODE_ENV: 'production', ...tokenSettings(issuer), TOOLS: String(TOOLS) },
    isMetered: !isPython,
  };
}
