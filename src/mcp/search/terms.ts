/** Finds words in texts of any language, also of those without spaces. */
const WORDS = new Intl.Segmenter('en', { granularity: 'word' });

/** ASCII text, which most descriptions are. */
const ASCII = /^\p{ASCII}*$/u;

/** Word of ASCII text. Takes a twentieth of the time of the segmenter, which would delay the start. */
const ASCII_WORD = /[a-z0-9]+(?:'[a-z0-9]+)*/g;

/** Maximum number of words of a query, because each is compared with all words of the index. */
const MAX_WORDS = 12;

/** Words that say nothing about what a tool does. */
const FILLERS = new Set(
  (
    'a an and any are as at be been by can could do does for from get give has have how i if in into is it its ' +
    'list me my no not of on one or our please should show some than that the their them then there this to us ' +
    'was we what when where which who will with would you your'
  ).split(' '),
);

/** Splits a text into lower-case words. Names such as `createInvoice` and `create_invoice` have several. */
export function wordsIn(text: string): string[] {
  const spaced = text.replace(/[_.-]+/g, ' ').replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2');
  if (ASCII.test(spaced)) return spaced.toLowerCase().match(ASCII_WORD) ?? [];
  return [...WORDS.segment(spaced)]
    .filter(({ isWordLike }) => isWordLike)
    .map(({ segment }) => segment.toLowerCase());
}

/** Returns the different words of a query that tell something; all words if none does. */
export function queryWords(query: string): string[] {
  const words = [...new Set(wordsIn(query))];
  const telling = words.filter((word) => !FILLERS.has(word));
  return (telling.length > 0 ? telling : words).slice(0, MAX_WORDS);
}
