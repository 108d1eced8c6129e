/** Three suites, run one after the other by scripts/test.mjs: `npx jest --selectProjects unit`. */
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

/** What a project tests, and in which folders of test/. */
const project = (name, folders = [name]) => ({
  displayName: name,
  rootDir: __dirname,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
  testEnvironment: 'node',
  setupFiles: ['reflect-metadata'],
  transform,
  // Packages that are ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
});

module.exports = {
  projects: [project('unit'), project('e2e', ['e2e', 'security']), project('browser')],
  testTimeout: 60_000,
};
