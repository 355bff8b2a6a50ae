/** Command of a shell script. */
export interface ShellCommand {
  /** Variables that are set for the command, or in the shell if there are no words. */
  readonly variables: Readonly<Record<string, string>>;
  /** The program and its arguments, without quotes. `$(…)` is `$()`: its commands follow on their own. */
  readonly words: readonly string[];
}

const KEYWORDS = new Set([
  'do',
  'done',
  'for',
  '{',
  '}',
  'then',
  'fi',
  'if',
  'sudo',
  '|',
  '&&',
  '||',
  ';',
  '&',
  '\n',
]);
const SEPARATORS = new Set(['\n', ';', '&', '|']);

/** Reads the commands of a script, as far as documentation needs them: no here documents, no `case`. */
export function commandsOf(script: string): ShellCommand[] {
  const commands: ShellCommand[] = [];
  const functions = new Set([...script.matchAll(/^(\w+)\(\) \{$/gm)].map(([, name]) => name));
  let words: string[] = [];
  let word: string | undefined;
  let at = 0;

  const endWord = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const endCommand = (): void => {
    endWord();
    const isLoop = words[0] === 'for'; // its words are data
    while (words[0] !== undefined && (KEYWORDS.has(words[0]) || words[0].endsWith('()'))) words.shift();
    const variables: Record<string, string> = {};
    for (let match; (match = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[0] ?? '')); words.shift()) {
      variables[match[1] ?? ''] = match[2] ?? '';
    }
    const isCall = functions.has(words[0]);
    if (!isLoop && !isCall && (words.length > 0 || Object.keys(variables).length > 0))
      commands.push({ variables, words });
    words = [];
  };
  /** Reads `$(…)`, whose commands count as the script's. */
  const readSubstitution = (): void => {
    let depth = 0;
    const start = at + 2;
    for (at += 1; at < script.length; at++) {
      if (script[at] === '(') depth++;
      else if (script[at] === ')' && --depth === 0) break;
    }
    commands.push(...commandsOf(script.slice(start, at)));
    word = `${word ?? ''}$()`;
  };
  const readQuoted = (quote: string): void => {
    word ??= '';
    for (at += 1; at < script.length && script[at] !== quote; at++) {
      if (quote === '"' && script.startsWith('$(', at)) readSubstitution();
      else if (quote === '"' && script[at] === '\\') word += script[++at] ?? '';
      else word += script[at];
    }
  };

  for (; at < script.length; at++) {
    const character = script[at] ?? '';
    if (script.startsWith('\\\n', at)) at++;
    else if (character === '\\') word = `${word ?? ''}${script[++at] ?? ''}`;
    else if (script.startsWith('$(', at)) readSubstitution();
    else if (character === "'" || character === '"') readQuoted(character);
    else if (character === '#' && word === undefined) at = script.indexOf('\n', at) - 1;
    else if (SEPARATORS.has(character)) endCommand();
    else if (character === ' ') endWord();
    else word = (word ?? '') + character;
    if (at < 0) at = script.length - 1; // a comment at the end
  }
  endCommand();
  return commands;
}
