import fc from 'fast-check';
import { UploadController } from '../../../player/publisher/upload-controller';

/** How often the controller is told, ms. */
const STEP = 250;
const SOUND = 64_000;
const WANTED = 1_000_000;

/** An upload of some rate, into which the encoder puts what the controller lets it. */
class Upload {
  readonly controller: UploadController;
  #now = 0;
  /** Bits that wait, and how they came: by when. */
  #waiting: { at: number; bits: number }[] = [];
  #arrived: number[] = [];
  /** The most that the upload was behind, ms. */
  worst = 0;

  constructor(wanted = WANTED) {
    this.controller = new UploadController(wanted);
  }

  /** Lets `ms` pass with so many bits a second getting through. */
  run(ms: number, rate: number): this {
    for (const end = this.#now + ms; this.#now < end; ) this.#step(rate);
    return this;
  }

  #step(rate: number): void {
    this.#now += STEP;
    const picture = this.controller.hold ? 0 : this.controller.bitrate;
    this.#waiting.push({ at: this.#now, bits: ((picture + SOUND) * STEP) / 1000 });
    let room = (rate * STEP) / 1000;
    const before = room;
    for (let first = this.#waiting[0]; first !== undefined && room > 0; first = this.#waiting[0]) {
      const passed = Math.min(room, first.bits);
      first.bits -= passed;
      room -= passed;
      if (first.bits > 0) break;
      this.#waiting.shift();
    }
    this.#arrived = [...this.#arrived, before - room].slice(-16);
    const lag = this.#waiting[0] === undefined ? 0 : this.#now - this.#waiting[0].at;
    this.worst = Math.max(this.worst, lag);
    const received = (this.#arrived.reduce((sum, bits) => sum + bits, 0) * 1000) / (STEP * this.#arrived.length);
    this.controller.see({ now: this.#now, lag, received });
  }
}

describe('UploadController', () => {
  it('leaves the bitrate alone where there is room', () => {
    const { controller } = new Upload().run(60_000, 2_000_000);
    expect(controller.bitrate).toBe(WANTED);
    expect(controller.frameShare).toBe(1);
    expect(controller.hold).toBe(false);
  });

  it('stays within two seconds of live at 60 % of the needed rate', () => {
    const upload = new Upload().run(10_000, 2_000_000).run(60_000, 0.6 * (WANTED + SOUND));
    expect(upload.worst).toBeLessThan(2_000);
    expect(upload.controller.bitrate).toBeLessThan(0.75 * WANTED);
    expect(upload.controller.bitrate).toBeGreaterThan(0.25 * WANTED);
  });

  it.each([0.8, 0.6, 0.3, 0.15])('has its bitrate back 15 s behind the end of an upload of %d of the need', (part) => {
    const upload = new Upload().run(5_000, 2_000_000).run(30_000, part * (WANTED + SOUND));
    expect(upload.controller.bitrate).toBeLessThan(WANTED);
    expect(upload.run(15_000, 4_000_000).controller.bitrate).toBe(WANTED);
  });

  it('sends fewer frames, too, once the bitrate is a small part of what is wanted', () => {
    const upload = new Upload(2_000_000).run(2_000, 4_000_000).run(20_000, 300_000);
    expect(upload.controller.frameShare).toBeLessThan(1);
    expect(upload.run(20_000, 8_000_000).controller.frameShare).toBe(1);
  });

  it('holds the frames back in an outage, and lets them go behind it', () => {
    const upload = new Upload().run(5_000, 2_000_000).run(2_000, 0);
    expect(upload.controller.hold).toBe(true);
    expect(upload.run(2_000, 4_000_000).controller.hold).toBe(false);
  });

  it('follows another wish, upwards only as far as the upload was seen to carry', () => {
    const controller = new UploadController(WANTED);
    controller.want(2 * WANTED);
    expect(controller.bitrate).toBe(2 * WANTED);
    controller.see({ now: 1_000, lag: 900, received: 500_000 });
    expect(controller.bitrate).toBe(400_000);
    controller.want(3 * WANTED);
    expect(controller.bitrate).toBe(400_000);
    controller.want(100_000);
    expect(controller.bitrate).toBe(100_000);
  });

  it('stays between its bounds, whatever the upload does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 250, max: 8_000 }), fc.integer({ min: 0, max: 3_000_000 })), { maxLength: 20 }), (trace) => {
        const upload = new Upload();
        for (const [ms, rate] of trace) {
          upload.run(ms, rate);
          expect(upload.controller.bitrate).toBeLessThanOrEqual(WANTED);
          expect(upload.controller.bitrate).toBeGreaterThanOrEqual(120_000);
        }
        expect(upload.run(30_000, 8_000_000).controller.bitrate).toBe(WANTED);
      }),
    );
  });
});
