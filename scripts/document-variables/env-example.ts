import type { About, Subject } from '../../src/config/variable.js';

const WIDTH = 110;

/** Lists each variable as a comment with its purpose, its default and a value. */
export const envExample = (sections: readonly Subject[]): string =>
  sections
    .map(({ title, variables }) => {
      const entries = Object.entries(variables).map(([name, { about }]) => entry(name, about));
      return `\n${`# --- ${title} `.padEnd(WIDTH, '-')}\n\n${entries.join('\n')}`;
    })
    .join('');

function entry(name: string, about: About): string {
  const comment = [sentence(plain(about.description)), ...defaultOf(about)].join(' ');
  return [...wrapped(comment), assignment(name, about), '']
    .map((line) => (line ? `# ${line}` : line))
    .join('\n');
}

/** Assigns the example or the default. A secret is read from a file. */
function assignment(name: string, about: About): string {
  const { default: value, example = value, secret } = about;
  const { exampleFile = secret ? `./secrets/${name.toLowerCase()}` : undefined } = about;
  if (exampleFile !== undefined) return `${name}_FILE=${exampleFile}`;
  if (example !== undefined) return `${name}=${example}`;
  throw new Error(`${name} has neither a default nor an example.`);
}

/** Describes the default, unless it is the value that the file shows. */
function defaultOf({ default: value, otherwise = value, example = value }: About): string[] {
  if (otherwise === undefined) return ['Default: none.'];
  return value !== undefined && example === value ? [] : [`Default: ${plain(otherwise)}.`];
}

/** Removes Markdown. Links become the path of their page. */
const plain = (markdown: string): string =>
  markdown.replaceAll(/\[([^\]]+)\]\(([^)#]+)(#[^)]*)?\)/g, '$1 (docs/$2)').replaceAll('`', '');

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Breaks text into lines that fit after `# `. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length + 3 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
