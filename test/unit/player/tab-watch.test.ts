import { TabWatch } from '../../../player/video/tab-watch';

const HOUR = 3_600_000;

/** A page that can be hidden, and the network under it, in a process that has neither. */
class FakePage extends EventTarget {
  readonly document = Object.assign(new EventTarget(), { hidden: false });
  readonly connection = new EventTarget();
  readonly #installed = ['document', 'addEventListener', 'navigator'] as const;

  install(): void {
    Object.assign(globalThis, { document: this.document, addEventListener: this.addEventListener.bind(this) });
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { connection: this.connection } });
  }

  uninstall(): void {
    for (const name of this.#installed) Reflect.deleteProperty(globalThis, name);
  }

  hide(hidden: boolean): void {
    this.document.hidden = hidden;
    this.document.dispatchEvent(new Event('visibilitychange'));
  }
}

describe('TabWatch', () => {
  let page: FakePage;
  let told: string[];
  let watch: TabWatch;

  beforeEach(() => {
    jest.useFakeTimers();
    page = new FakePage();
    page.install();
    told = [];
    watch = new TabWatch({
      hidden: () => told.push('hidden'),
      hiddenForLong: () => told.push('hidden for long'),
      shown: () => told.push('shown'),
      networkChanged: () => told.push('network changed'),
    });
  });

  afterEach(() => {
    watch.close();
    page.uninstall();
    jest.useRealTimers();
  });

  it('tells at once that nobody sees the page, and after three seconds that nobody has for long', () => {
    page.hide(true);
    jest.advanceTimersByTime(2_999);
    expect(told).toEqual(['hidden']);
    jest.advanceTimersByTime(1);
    page.hide(false);
    expect(told).toEqual(['hidden', 'hidden for long', 'shown']);
  });

  it('makes little of a tab that is only passed through', () => {
    page.hide(true);
    jest.advanceTimersByTime(2_000);
    page.hide(false);
    jest.advanceTimersByTime(60_000);
    expect(told).toEqual(['hidden', 'shown']);
  });

  it('tells at once that the network is back, or is another one, and makes nothing of its loss', () => {
    page.dispatchEvent(new Event('offline'));
    expect(told).toEqual([]);
    page.dispatchEvent(new Event('online'));
    page.connection.dispatchEvent(new Event('change'));
    expect(told).toEqual(['network changed', 'network changed']);
  });

  it('notices within a second that the machine has slept, once', () => {
    jest.setSystemTime(Date.now() + HOUR);
    jest.advanceTimersByTime(1_000);
    expect(told).toEqual(['network changed']);
    jest.advanceTimersByTime(60_000);
    expect(told).toEqual(['network changed']);
  });

  it('takes a page whose timers are late, and a clock that is set back, for awake', () => {
    jest.setSystemTime(Date.now() + 3_000);
    jest.advanceTimersByTime(1_000);
    jest.setSystemTime(Date.now() - HOUR);
    jest.advanceTimersByTime(1_000);
    expect(told).toEqual([]);
  });

  it('tells nothing more once it is closed', () => {
    page.hide(true);
    watch.close();
    jest.advanceTimersByTime(60_000);
    page.hide(false);
    page.dispatchEvent(new Event('online'));
    expect(told).toEqual(['hidden']);
    expect(jest.getTimerCount()).toBe(0);
  });
});
