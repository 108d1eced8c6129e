// A browser whose camera, decoder or audio service stalls on a busy machine says nothing of the test. A fault of ours fails twice; npm test
// lists every test that needed its second try.
jest.retryTimes(1, { logErrorsBeforeRetry: true });
