import { UpgradeAnswer } from '../../../bench/clients/handshake.mjs';

const HEAD = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n';

describe('the answer to an upgrade', () => {
  it('is whole once its head is, however it is cut, and leaves the frames behind it as they are', () => {
    const bytes = Buffer.concat([Buffer.from(HEAD), Buffer.from([0x82, 1, 0xff])]);
    const answer = new UpgradeAnswer();
    for (let at = 0; at < HEAD.length - 1; at++) expect(answer.push(bytes.subarray(at, at + 1))).toBeUndefined();
    expect(answer.push(bytes.subarray(HEAD.length - 1))).toEqual({ refusal: undefined, rest: Buffer.from([0x82, 1, 0xff]) });
  });

  it('says by its first line that it is a refusal', () => {
    expect(new UpgradeAnswer().push(Buffer.from('HTTP/1.1 403 Forbidden\r\n\r\n'))?.refusal).toBe('HTTP/1.1 403 Forbidden');
  });
});
