import v8 from 'node:v8';
import vm from 'node:vm';

import type { NestExpressApplication } from '@nestjs/platform-express';

import { CallsInFlight } from '../../src/limits/calls-in-flight.js';
import { KeptBytes } from '../../src/limits/kept-bytes.js';
import { OpenStreams } from '../../src/mcp/events/open-streams.js';
import { StuckHandlers } from '../../src/mcp/invocation/stuck-handlers.js';
import { McpSessions } from '../../src/mcp/sessions/mcp-sessions.js';
import { SessionRegistry } from '../../src/mcp/sessions/session-registry.js';
import { Admission } from '../../src/mcp/admission/admission.js';
import { Listeners } from '../../src/mcp/streamable-http/listeners.js';

/** Objects that an application still holds for its clients, by holder. */
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

type Collection = Map<unknown, unknown> | Set<unknown>;

/** Counts entries. Ignores counters at zero, which take little memory. */
const sizeOf = (collection: Collection): number =>
  [...collection.values()].filter((value) => value !== 0).length;

/** Stack lines that name the origin of a collection, without those of this class. */
const PLACE_LINES = [3, 6] as const;

/** Counts the entries of every reachable Map and Set that was created while watching, even private ones. */
export class WatchedCollections {
  readonly #originals = { Map: globalThis.Map, Set: globalThis.Set };
  #watched: WeakRef<Collection>[] = [];
  /** Origin of each collection. An error keeps its stack's objects alive, so nothing else may hold the error. */
  readonly #made = new WeakMap<Collection, Error>();

  constructor() {
    const watch = (collection: Collection): void => {
      this.#watched.push(new WeakRef(collection));
      this.#made.set(collection, new Error('Made here.'));
    };
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

  /** Collects garbage and counts the remaining entries by the origin of their collections. */
  entries(): Record<string, number> {
    collectGarbage();
    this.#watched = this.#watched.filter((reference) => reference.deref() !== undefined);
    const entries: Record<string, number> = {};
    for (const reference of this.#watched) {
      const collection = reference.deref();
      const size = collection ? sizeOf(collection) : 0;
      if (!collection || size === 0) continue;
      const stack = this.#made.get(collection)?.stack ?? '';
      const place = stack
        .split('\n')
        .slice(...PLACE_LINES)
        .join('\n');
      entries[place] = (entries[place] ?? 0) + size;
    }
    return entries;
  }

  stop(): void {
    Object.assign(globalThis, this.#originals);
    this.#watched = [];
  }
}

function collectGarbage(): void {
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc()');
}
