import { Command, InvalidArgumentError } from 'commander';

/**
 * The command line of `npm run NAME`. What it can't read ends the process with status 2, after the error and the help.
 * @param {string} name
 * @param {string} description What it does.
 */
export function commandLine(name, description) {
  const command = new Command(`npm run ${name} --`);
  return command
    .description(description)
    .helpOption('--help', 'print this help')
    .allowExcessArguments(false)
    .exitOverride(({ exitCode }) => {
      if (exitCode !== 0) command.outputHelp();
      process.exit(exitCode === 0 ? 0 : 2);
    });
}

/**
 * Reads a number.
 * @param {number} least
 * @returns {(text: string) => number}
 */
export function numberFrom(least) {
  return (text) => {
    const number = text.trim() === '' ? NaN : Number(text);
    if (number >= least && number < Infinity) return number;
    throw new InvalidArgumentError(`It must be a number from ${least}.`);
  };
}

/**
 * Reads a whole number.
 * @param {number} least
 * @returns {(text: string) => number}
 */
export function wholeFrom(least) {
  return (text) => {
    if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from ${least}.`);
  };
}

/**
 * Reads some of those names, separated by commas; "none" is none of them.
 * @param {readonly string[]} names
 * @returns {(text: string) => string[]}
 */
export function namesOf(names) {
  return (text) => {
    const given = text.split(',').filter((name) => name !== 'none');
    const unknown = given.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new InvalidArgumentError(`There is no "${unknown}": it must be of ${names.join(', ')}.`);
    return given;
  };
}
