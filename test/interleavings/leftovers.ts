import v8 from 'node:v8';
import vm from 'node:vm';

import type { NestExpressApplication } from '@nestjs/platform-express';

import { CallsInFlight } from '../../src/limits/calls-in-flight.js';
import { KeptBytes } from '../../src/limits/kept-bytes.js';
import { OpenStreams } from '../../src/mcp/events/open-streams.js';
import { StuckHandlers } from '../../src/mcp/invocation/stuck-handlers.js';
import { McpSessions } from '../../src/mcp/sessions/mcp-sessions.js';
import { SessionRegistry } from '../../src/mcp/sessions/session-registry.js';
import { Admission } from '../../src/mcp/transport/admission.js';
import { Listeners } from '../../src/mcp/transport/listeners.js';

/** What an application still holds for its clients, by what holds it. */
export function heldBy(application: NestExpressApplication): Record<string, number> {
  const get = application.get.bind(application);
  return {
    places: get(CallsInFlight).taken,
    waiting: get(CallsInFlight).waiting,
    bytes: get(Admission).heldBytes,
    sessions: get(SessionRegistry).size,
    events: get(McpSessions).keptEvents,
    listeners: get(Listeners).size,
    streams: get(OpenStreams).size,
    keptBytes: get(KeptBytes).taken,
    stuck: get(StuckHandlers).size,
  };
}

/** Timers, servers and sockets that keep the process alive. */
export function activeResources(): { readonly timers: number; readonly connections: number } {
  const kinds = process.getActiveResourcesInfo();
  return {
    timers: kinds.filter((kind) => kind === 'Timeout').length,
    connections: kinds.filter((kind) => kind.startsWith('TCP')).length,
  };
}

/** Counts the entries of every Map and Set that is made while it watches, be it private, and has not been collected. */
export class WatchedCollections {
  readonly #originals = { Map: globalThis.Map, Set: globalThis.Set };
  #collections: WeakRef<{ readonly size: number }>[] = [];

  constructor() {
    const watch = (collection: { readonly size: number }): void =>
      void this.#collections.push(new WeakRef(collection));
    globalThis.Map = class<Key, Value> extends Map<Key, Value> {
      constructor(entries?: Iterable<readonly [Key, Value]> | null) {
        super(entries);
        watch(this);
      }
    };
    globalThis.Set = class<Value> extends Set<Value> {
      constructor(values?: Iterable<Value> | null) {
        super(values);
        watch(this);
      }
    };
  }

  /** Collects garbage and counts what is left. */
  entries(): number {
    collectGarbage();
    this.#collections = this.#collections.filter((reference) => reference.deref() !== undefined);
    return this.#collections.reduce((sum, reference) => sum + (reference.deref()?.size ?? 0), 0);
  }

  stop(): void {
    Object.assign(globalThis, this.#originals);
    this.#collections = [];
  }
}

function collectGarbage(): void {
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc()');
}
