/** Four suites, run one after the other by scripts/test.mjs: `npx jest --selectProjects unit`. */
const transform = {
  '^.+\\.(ts|js|mjs)$': [
    '@swc/jest',
    {
      jsc: {
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
        target: 'es2022',
        keepClassNames: true,
      },
      module: { type: 'commonjs' },
      sourceMaps: 'inline',
    },
  ],
};

/** The tests of a folder of test/. */
const project = (name) => ({
  displayName: name,
  rootDir: __dirname,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  testEnvironment: 'node',
  setupFiles: ['reflect-metadata'],
  // As the samples import it.
  moduleNameMapper: { '^sluice$': '<rootDir>/src/server/sluice.ts' },
  transform,
  // Packages that are ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
});

module.exports = {
  projects: [project('unit'), project('e2e'), project('security'), { ...project('browser'), setupFilesAfterEnv: ['<rootDir>/test/support/retry.ts'] }],
  // More than several waits (test/support/patience.ts): of those, the one that fails should say what it waited for.
  testTimeout: 300_000,
};
