import { LatencyReports } from '../../../src/relay/latency-reports';

/** One more viewer for each call. */
function viewer(): object {
  return {};
}

describe('latency reports', () => {
  it('have no median before anybody reports', () => {
    expect(new LatencyReports().median(0)).toBeUndefined();
  });

  it('have the median of what viewers report', () => {
    const reports = new LatencyReports();
    for (const latency of [0.3, 9, 0.1, 0.2, 0.25]) reports.add(viewer(), latency, 0);
    expect(reports.median(0)).toBe(0.25);
  });

  it('count each viewer once, by its latest report, however often it reports', () => {
    const reports = new LatencyReports();
    for (const latency of [0.1, 0.2, 0.3]) reports.add(viewer(), latency, 0);
    const liar = viewer();
    for (let report = 0; report < 10_000; report++) reports.add(liar, 60, 0);
    expect(reports.median(0)).toBe(0.3);
    reports.add(liar, 0, 0);
    expect(reports.median(0)).toBe(0.2);
  });

  it('forget a viewer that has gone, so that one that comes again and again counts once', () => {
    const reports = new LatencyReports();
    for (const latency of [0.1, 0.2, 0.3]) reports.add(viewer(), latency, 0);
    for (let visit = 0; visit < 1_000; visit++) {
      const liar = viewer();
      reports.add(liar, 60, 0);
      reports.remove(liar);
    }
    expect(reports.median(0)).toBe(0.2);
  });

  it('forget what was reported more than twelve seconds ago', () => {
    const reports = new LatencyReports();
    reports.add(viewer(), 3, 0);
    reports.add(viewer(), 0.2, 5_000);
    expect(reports.median(12_001)).toBe(0.2);
    expect(reports.median(17_001)).toBeUndefined();
  });

  it('ignore a latency that cannot be', () => {
    const reports = new LatencyReports();
    for (const latency of [-1, NaN, Infinity, 61]) reports.add(viewer(), latency, 0);
    expect(reports.median(0)).toBeUndefined();
  });

  it('keep those of the thousand viewers that reported last, however many report', () => {
    const reports = new LatencyReports();
    for (let report = 0; report < 5_000; report++) reports.add(viewer(), 1, 0);
    for (let report = 0; report < 1_001; report++) reports.add(viewer(), 2, 0);
    expect([reports.median(0), reports.size]).toEqual([2, 1_001]);
  });

  it('begin anew with a new timeline', () => {
    const reports = new LatencyReports();
    reports.add(viewer(), 1, 0);
    reports.clear();
    expect(reports.median(0)).toBeUndefined();
  });
});
