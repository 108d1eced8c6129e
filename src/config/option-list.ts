import { OPTION_TEXTS, OPTIONS, type OptionKey, type OptionText, type OptionValues } from './options';

/** One option, with every name it goes by. */
export interface Option extends OptionText {
  /** Its key in the configuration file. */
  readonly key: OptionKey;
  /** Its flag, without value: `--max-chunk`. */
  readonly flag: string;
  /** Its environment variable. */
  readonly env: string;
  /** What it is when nobody says. */
  readonly default: OptionValues[OptionKey];
}

/** The environment variable that names the configuration file. */
export const CONFIG_ENV = 'SLUICE_CONFIG';

/** Every option of the schema, in its order. */
export const OPTION_LIST: readonly Option[] = (Object.keys(OPTIONS.shape) as OptionKey[]).map((key) => {
  const schema = OPTIONS.shape[key];
  const text = OPTION_TEXTS.get(schema);
  if (text === undefined) throw new Error(`Cannot use option "${key}": it has no description`);
  const kebab = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return { ...text, key, flag: `--${kebab}`, env: `SLUICE_${kebab.replaceAll('-', '_').toUpperCase()}`, default: schema.parse(undefined) };
});

/** Options of the server and the process: in a host application those are the host's. */
const SERVER_OPTIONS = ['port', 'host', 'tlsCert', 'tlsKey', 'tlsSelfSigned', 'maxConnections', 'maxConnectionsPerAddress', 'maxHeader', 'headerTimeout', 'supervise'] as const satisfies OptionKey[];
export type ServerOption = (typeof SERVER_OPTIONS)[number];

/** Whether an option is of no use in a host application. */
export function isServerOption(key: string): key is ServerOption {
  return SERVER_OPTIONS.some((option) => option === key);
}
