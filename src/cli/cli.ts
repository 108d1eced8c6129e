import { Command, CommanderError, Option as Flag } from 'commander';
import { version } from '../base/package';
import { explain } from '../base/start-error';
import { type Flags, loadConfig } from '../config/load-config';
import { type Option, OPTION_LIST } from '../config/option-list';
import { EXIT, PushError } from '../push/push-error';
import { supervise, SUPERVISED } from './supervise';

/** Commands that start no relay. */
const CLIENTS: ReadonlySet<string> = new Set(['push', 'probe']);

/** Runs the command line. `argv` is what stands behind the program's name. */
export async function run(argv: string[]): Promise<void> {
  try {
    const root = await program(argv);
    if (argv.length === 0) root.outputHelp();
    else await root.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    if (error instanceof CommanderError && error.code === 'commander.help') return helpOf(argv);
    process.stderr.write(`${describe(error, argv[0])}\n`);
    process.exitCode = exitCode(error, argv[0]);
  }
}

/** A command that only has commands, such as `sluice token`, prints them. */
async function helpOf([name, ...rest]: readonly string[]): Promise<void> {
  const root = await program(['help']);
  const command = root.commands.find((known) => known.name() === name);
  (command?.commands.find((known) => known.name() === rest[0]) ?? command ?? root).outputHelp();
}

function exitCode(error: unknown, command = ''): number {
  if (error instanceof PushError) return error.exitCode;
  return error instanceof CommanderError && CLIENTS.has(command) ? EXIT.usage : EXIT.internal;
}

/** What a supervisor doesn't need isn't loaded: it should be small. */
async function program(argv: readonly string[]): Promise<Command> {
  const root = new Command('sluice')
    .description('Live video over WebSockets: fragmented MP4 or WebM in, to every browser')
    .version(version(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
  const command = root
    .command('serve')
    .description('start the relay')
    .allowExcessArguments(false)
    .option('--config <FILE>', 'Read options from a JSON file, by their flags in camel case (SLUICE_CONFIG)')
    .addOption(new Flag(SUPERVISED).hideHelp())
    .action(async ({ config: file, supervised = false, ...flags }: { config?: string; supervised?: boolean } & Flags) => {
      const config = loadConfig({ flags, env: process.env, ...(file !== undefined && { file }) });
      if (config.supervise && !supervised) return supervise(argv.slice(1), config);
      const { runRelay } = await import('./relay-process.js');
      return runRelay(config, { supervised });
    });
  for (const flag of OPTION_LIST.flatMap(toFlags)) command.addOption(flag);
  configure(command);
  if (argv[0] === 'serve') return root;
  const { probeCommand, pushCommand } = await import('../push/push-command.js');
  const { tokenCommand } = await import('./token-command.js');
  for (const other of [pushCommand(), probeCommand(), tokenCommand((text) => process.stdout.write(`${text}\n`))]) root.addCommand(configure(other));
  return root;
}

/** Lets a command and those below it throw what is wrong, as the root does. */
function configure(command: Command): Command {
  command.helpOption('-h, --help', 'print this help').configureOutput({ writeErr: () => undefined }).exitOverride();
  for (const sub of command.commands) configure(sub);
  return command;
}

function toFlags(option: Option): Flag[] {
  const { default: value } = option;
  const standard = Array.isArray(value) || value === undefined ? '' : `, default ${String(value)}`;
  const text = `${option.description} (${option.env}${standard})`;
  switch (option.kind) {
    case 'switch':
      return [new Flag(option.flag, text), new Flag(option.flag.replace('--', '--no-'), 'The opposite').default(undefined)];
    case 'list':
      return [
        new Flag(`${option.flag} <${option.value ?? 'VALUE'}>`, `${text}; repeatable`).argParser((value: string, earlier: string[] | undefined) => [
          ...(earlier ?? []),
          value,
        ]),
      ];
    case 'number':
    case 'text':
      return [new Flag(`${option.flag} <${option.value ?? 'VALUE'}>`, text)];
    default:
      return option.kind satisfies never;
  }
}

function describe(error: unknown, command?: string): string {
  return error instanceof CommanderError ? `${sentence(error.message)}: ${remedy(error.code, command)}` : explain(error);
}

/** What commander says, as a sentence of ours. */
function sentence(message: string): string {
  const text = message.replace(/^error: /, '').replaceAll("'", '"').replace(/\s+/g, ' ').replace(/\.$/, '').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function remedy(code: string, command = ''): string {
  if (CLIENTS.has(command)) return `see "sluice ${command} --help"`;
  if (command === 'token') return 'see "sluice token --help"';
  if (code === 'commander.unknownCommand') return 'the commands are "sluice serve", "sluice push", "sluice probe" and "sluice token"';
  return 'see "sluice serve --help"';
}
