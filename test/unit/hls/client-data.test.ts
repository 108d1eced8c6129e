import fc from 'fast-check';
import { type ClientData, readClientData } from '../../../src/hls/client-data';

const asked = (text: string): ClientData | undefined => readClientData(new URLSearchParams({ CMCD: text }), {});

describe('what a client tells of itself', () => {
  it('is read of version 1, as hls.js sends it with a part', () => {
    const text = 'bl=1200,br=300,bs,d=200,dl=1200,mtp=5100,nor="p8.m4s%3Fa,b",ot=av,rtp=1500,sf=h,sid="5b2c5a0e-0f56-4a4f-ad44-d7ef6a3e4d4d",st=ll,tb=300';
    expect(asked(text)).toEqual({ report: { buffer: 1.2 }, starved: true });
  });

  it('is read of version 2, where lists tell the kinds of media apart', () => {
    const text = 'bg=?0,bl=(1500;v 900;a),bs=?0,bsa=(2;v 3;a),com.example-Key="x",dfa=7,ltc=1234,msd=456,nor=("a),b";r="0-9"),pr=1.05,sid="a\\"b",v=2';
    expect(asked(text)).toEqual({ report: { latency: 1.234, firstFrame: 0.456, buffer: 0.9, stalls: 3, dropped: 7 }, starved: false });
  });

  it('is read of headers, which the keys are spread over', () => {
    const headers = { 'cmcd-object': 'br=300,ot=av', 'cmcd-request': 'bl=800,mtp=900', 'cmcd-session': 'sf=h, sid="s"', 'cmcd-status': 'bs' };
    expect(readClientData(new URLSearchParams(), headers)).toEqual({ report: { buffer: 0.8 }, starved: true });
  });

  it('is nothing where nothing is told', () => {
    expect(readClientData(new URLSearchParams('session=a'), {})).toBeUndefined();
    expect(asked('')).toBeUndefined();
  });

  it.each(['=1', 'bl=1200,,v=2', 'bl=1200,sid="open', 'bl=(1200', 'bl=1200)', 'bl="a"b",v=2', '{"bl":1200}', 'bl=1200;"', ' ', '__proto__=1', `bl=1,x=${'1'.repeat(5_000)}`])(
    'is nothing where it is malformed or too long: %s',
    (text) => {
      expect(asked(text)).toBeUndefined();
    },
  );

  it.each(['bl', 'bl=?1', 'bl=-5', 'bl=1e9', 'bl=1.5', 'bl=99999999999', 'bl=()', 'bl=(1 x)', 'bl="1200"', 'bl=NaN', 'bl=0x10', 'constructor=1', 'sid=""', `sid="${'s'.repeat(65)}"`, 'sid=s'])(
    'is left out where its value is none: %s',
    (text) => {
      expect(asked(text)).toEqual({ report: {}, starved: false });
    },
  );

  it('is never more than numbers that a player can mean, whatever stands there', () => {
    const likely = fc.array(fc.constantFrom('bl', 'ltc', 'msd', 'bsa', 'dfa', 'bs', 'sid', '=', ',', '"', '\\', '(', ')', ';', ' ', '1', '99', '-', '?1', '\0', '\u00fc'), { maxLength: 60 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(likely, fc.string({ unit: 'binary' })), (text) => {
        const data = asked(text);
        if (data === undefined) return;
        const { report } = data;
        for (const value of Object.values(report)) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(1e9);
        }
      }),
    );
  });

  it('takes no more time than in proportion to its length, however it is made', () => {
    const readAll = (length: number): number => {
      const started = performance.now();
      for (const piece of [' ', '"', '(', '\\', '"\\', '(")', '(a)', 'a=', ',', '" ', '(1 ', 'bl=']) {
        for (const head of ['', 'a=', 'a="', 'a=(', 'bl=(']) {
          for (const tail of ['', '"', ')', '!']) asked(`${head}${piece.repeat(length / piece.length)}${tail}`);
        }
      }
      return performance.now() - started;
    };
    const best = (length: number): number => Math.min(...Array.from({ length: 5 }, () => readAll(length)));
    // Eight times in proportion, sixty-four times if each character cost the others.
    expect(best(4_000)).toBeLessThan(32 * best(500));
  });
});
