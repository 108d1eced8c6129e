import { CONFIG_ENV, type Option, OPTION_LIST } from './option-list';

const SECTION = /(<!-- options -->\n)[\s\S]*?(<!-- \/options -->)/;

/** The table of all options, in Markdown. */
export function optionTable(): string {
  const rows = OPTION_LIST.map((option) => [flags(option), `\`${option.env}\``, standard(option), `${option.description}. ${capital(option.allowed)}`]);
  const config = ['`--config FILE`', `\`${CONFIG_ENV}\``, '', 'Read options from a JSON file, by their flags in camel case: `{"port": 8080, "source": ["cam=rtsp://…"]}`'];
  const lines = [['flag', 'environment', 'default', 'what it is'], ['---', '---', '---', '---'], ...rows, config];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** The same text, with the table of now between its markers. */
export function withOptionTable(markdown: string): string {
  return markdown.replace(SECTION, (_match, begin: string, end: string) => `${begin}${optionTable()}${end}`);
}

function flags({ flag, kind, value }: Option): string {
  switch (kind) {
    case 'switch':
      return `\`${flag}\`, \`${flag.replace('--', '--no-')}\``;
    case 'list':
      return `\`${flag} ${value ?? ''}\` (repeatable; in the environment separated by spaces)`;
    case 'number':
    case 'text':
      return `\`${flag} ${value ?? ''}\``;
    default:
      return kind satisfies never;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function standard(option: Option): string {
  const { default: value } = option;
  return Array.isArray(value) || value === undefined ? '' : `\`${String(value)}\``;
}
