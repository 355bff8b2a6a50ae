import { randomUUID } from 'node:crypto';

const TOKENS = /\\.|"|-?\d[\d.eE+-]*/gs;

/** Changes the value of a JSON text. Keeps numbers as they are written, although JavaScript would round some. */
export function changedJson(json: string, change: (value: unknown) => unknown): string {
  // No text of the JSON can look like a mark that it does not know.
  const mark = randomUUID();
  let isInText = false;
  const marked = json.replaceAll(TOKENS, (token) => {
    if (token === '"') isInText = !isInText;
    return isInText || isExact(token) ? token : `"${mark}${token}"`;
  });
  const changed = JSON.stringify(change(JSON.parse(marked)));
  return changed.replaceAll(new RegExp(`"${mark}([^"]*)"`, 'g'), '$1');
}

/** Numbers with up to 15 digits are never rounded. */
const isExact = (token: string): boolean =>
  !/^[-\d]/.test(token) ||
  (token.length <= 15 && Number.isFinite(Number(token))) ||
  String(Number(token)) === token;
