/** What the relay's own code may not use bare: what it throws there ends the process. src/base/guard.ts and src/relay/clock.ts have a guarded form of each. */
export const UNGUARDED = {
  'no-restricted-globals': [
    'error',
    ...['setTimeout', 'setInterval'].map((name) => ({ name, message: 'Use the Clock that you are given, or guardedClock of base/guard.' })),
    { name: 'setImmediate', message: 'Use nextTurn() of base/guard.' },
    { name: 'queueMicrotask', message: 'Use soon() of base/guard.' },
  ],
  'no-restricted-properties': ['error', { object: 'process', property: 'nextTick', message: 'Use soon() of base/guard.' }],
  'no-restricted-imports': ['error', { paths: ['timers', 'node:timers'].map((name) => ({ name, message: 'Use the Clock that you are given, or guardedClock of base/guard.' })) }],
  'no-restricted-syntax': [
    'error',
    {
      selector: 'CallExpression[callee.property.name=/^(on|once|addListener|addEventListener|prependListener|prependOnceListener)$/]',
      message: 'Use on() or once() of base/guard: what this handler throws would end the process.',
    },
    { selector: 'AssignmentExpression[left.property.name=/^on[a-z]+$/]', message: 'Use on() of base/guard: what this handler throws would end the process.' },
  ],
  // A promise that nobody awaits needs a handler of its rejection, or guard().
  '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
};
