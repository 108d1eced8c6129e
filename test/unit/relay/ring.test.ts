import fc from 'fast-check';
import { Ring } from '../../../src/relay/ring';

describe('a ring', () => {
  it('is an array to whoever adds at its end and takes from its front', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer(), fc.constant('take')), { maxLength: 300 }), (steps) => {
        const ring = new Ring<number>();
        const model: number[] = [];
        for (const step of steps) {
          if (typeof step === 'number') {
            ring.push(step);
            model.push(step);
          } else {
            expect(ring.shift()).toBe(model.shift());
          }
          expect(ring.length).toBe(model.length);
          expect(ring.from(0)).toEqual(model);
          expect(ring.from(1, Math.min(3, model.length))).toEqual(model.slice(1, 3));
          expect([ring.at(0), ring.at(model.length - 1), ring.at(model.length), ring.at(-1)]).toEqual([model[0], model[model.length - 1], undefined, undefined]);
        }
      }),
    );
  });
});
