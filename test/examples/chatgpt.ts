import { Injectable } from '@nestjs/common';

import {
  ChatGptFetch,
  ChatGptSearch,
  type FetchedDocument,
  type SearchResults,
  ToolError,
} from '../../src/mcp/index.js';

const PAGES = [
  {
    id: 'travel',
    title: 'Travel',
    url: 'https://handbook.acme.example/travel',
    text: 'Book the train, and keep the receipt.',
    metadata: { updated: '2026-10-01' },
  },
  {
    id: 'leave',
    title: 'Parental leave',
    url: 'https://handbook.acme.example/leave',
    text: 'Tell us four weeks before.',
  },
];

@Injectable()
export class HandbookTools {
  @ChatGptSearch({ description: 'Searches the handbook of Acme.', scopes: ['handbook:read'] })
  search({ query }: { query: string }): SearchResults {
    const words = query.toLowerCase().split(/\W+/);
    return {
      results: PAGES.filter(({ title, text }) =>
        words.some((word) => `${title} ${text}`.toLowerCase().includes(word)),
      ),
    };
  }

  @ChatGptFetch({ scopes: ['handbook:read'] })
  fetch({ id }: { id: string }): FetchedDocument {
    const page = PAGES.find((one) => one.id === id);
    if (!page) throw new ToolError(`There is no page ${id}. Use the id of a result of search.`);
    return page;
  }
}
