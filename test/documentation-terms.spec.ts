import { readFileSync } from 'node:fs';

import { PAGES } from '../scripts/documentation/blocks.js';

/** Terms that we do not use, with the one that we use. Style: docs/style.md. */
const TERMS: readonly (readonly [unwanted: RegExp, preferred: string])[] = [
  // American spelling
  [/\b(organis|authoris|recognis|serialis|normalis|initialis|customis|summaris|minimis|optimis)\w+/i, '-iz-'],
  [/\b(behaviour|colour|favour|honour|neighbour)\w*/i, '-or'],
  [
    /\b(centre|catalogue|licence|artefact|programme|grey)\b/i,
    'center, catalog, license, artifact, program, gray',
  ],
  // one name for each thing
  [/\b(?:to|can|cannot|must|may|users?|people|callers|clients) sign-in\b(?! page)/i, 'sign in (verb)'],
  [/\b(?:a|the|each|every|first|new|another|after|without) sign in\b/i, 'sign-in (noun)'],
  [/\b(?:log in|logged in|log-in|sign-on|signin)\b/i, 'sign in, sign-in'],
  [/\b(?:oauth|auth|identity) server\b/i, 'authorization server'],
  [/\bredis\b/, 'Redis'],
  [/\b(?:postgres|Postgres|postgresql|Postgresql)\b/, 'PostgreSQL'],
  [/\b(?:NodeJS|nodejs|Node JS|node\.js)\b/, 'Node.js'],
  [/(?<![\w/-])(?:Typescript|typescript)\b(?!-)/, 'TypeScript'],
  [/(?<![@\w-])(?:Nestjs|nestjs|Nest\.js)\b(?!-)/, 'NestJS'],
  [/\b(?:Github|github)\b(?!\.com)/, 'GitHub'],
  [/\b(?:k8s|kubernetes)\b/, 'Kubernetes'],
  [/(?<![@\w/.-])(?:json|yaml|sql|tls|url|uri|sdk|mcp|jwt)\b(?![/-]| \d)/, 'the abbreviation in capitals'],
  [
    /\b(?:start-up|time-out|set-up|back-up|meta data|web hook|health-check|backwards-compatible)\b/i,
    'one word',
  ],
  [/\benv(?:ironment)? vars?\b/i, 'environment variable'],
  [/\be-mails?\b/i, 'email'],
  [/\b(?:the )?start fails\b/i, 'startup fails'],
  // plain words
  [/\b(?:e\.g\.|i\.e\.|etc\.|viz\.)/i, 'for example, that is, and so on'],
  [/\b(?:shall|whoever|whomever|thereof|herein|whilst|amongst|upon|mend|for ever)\b/i, 'a plain word'],
  [/\b(?:simply|just|easily|obviously|of course|please|seamless\w*|effortless\w*)\b/i, 'nothing'],
  [/\b(?:powerful|robust|blazing\w*|world-class|best-in-class|cutting-edge|revolutionary)\b/i, 'a fact'],
  [/\b(?:utili[sz]e\w*|leverag\w+)\b/i, 'use'],
  [/\b(?:in order to)\b/i, 'to'],
];

/** Returns the sentences of a page: without code, targets of links, and comments. */
const proseOf = (page: string): string =>
  readFileSync(page, 'utf8')
    .replace(/^---\n.*?\n---\n/s, '')
    .replaceAll(/^ *```.*?^ *```/gms, '')
    .replaceAll(/<!--.*?-->/gs, '')
    .replaceAll(/(`+)[^\n]*?\1/g, '``')
    .replaceAll(/\]\([^)]*\)|https?:\S+/g, ']');

describe.each(PAGES.filter((page) => !['CODE_OF_CONDUCT.md', 'docs/style.md'].includes(page)))(
  'the terms of %s',
  (page) => {
    it('are those of the style guide', () => {
      const text = proseOf(page);
      const found = TERMS.flatMap(([unwanted, preferred]) =>
        [...text.matchAll(new RegExp(unwanted.source, `g${unwanted.flags}`))].map(
          ({ 0: term, index }) =>
            `${text.slice(Math.max(0, index - 30), index + term.length + 20).trim()} → ${preferred}`,
        ),
      );
      expect(found).toEqual([]);
    });
  },
);
