import { mediaFlags, pushFlags } from './push-flags';

const SECTION = /(<!-- push options -->\n)[\s\S]*?(<!-- \/push options -->)/;

/** The same text, with the table of now between its markers: every option of `sluice push`. */
export function withFlagTable(markdown: string): string {
  const rows = [...mediaFlags(), ...pushFlags()].map((option) => {
    const value: unknown = option.defaultValue;
    const standard = typeof value === 'string' || typeof value === 'number' ? `\`${value}\`` : '';
    return [`\`${option.flags.replace(/[<>]/g, '')}\``, option.envVar === undefined ? '' : `\`${option.envVar}\``, standard, option.description];
  });
  const lines = [['option', 'environment', 'default', 'what it is'], ['---', '---', '---', '---'], ...rows];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
  return markdown.replace(SECTION, (_match, begin: string, end: string) => `${begin}${table}${end}`);
}
