import { LatencyReports } from '../../../src/relay/latency-reports';

describe('latency reports', () => {
  it('have no median before anybody reports', () => {
    expect(new LatencyReports().median(0)).toBeUndefined();
  });

  it('have the median of what is reported', () => {
    const reports = new LatencyReports();
    for (const latency of [0.3, 9, 0.1, 0.2, 0.25]) reports.add(latency, 0);
    expect(reports.median(0)).toBe(0.25);
  });

  it('forget what was reported more than twelve seconds ago', () => {
    const reports = new LatencyReports();
    reports.add(3, 0);
    reports.add(0.2, 5_000);
    expect(reports.median(12_001)).toBe(0.2);
    expect(reports.median(17_001)).toBeUndefined();
  });

  it('heed no latency that cannot be', () => {
    const reports = new LatencyReports();
    for (const latency of [-1, NaN, Infinity, 61]) reports.add(latency, 0);
    expect(reports.median(0)).toBeUndefined();
  });

  it('keep the newest hundred, however many report', () => {
    const reports = new LatencyReports();
    for (let report = 0; report < 1_000; report++) reports.add(1, 0);
    for (let report = 0; report < 101; report++) reports.add(2, 0);
    expect(reports.median(0)).toBe(2);
  });

  it('begin anew with a new timeline', () => {
    const reports = new LatencyReports();
    reports.add(1, 0);
    reports.clear();
    expect(reports.median(0)).toBeUndefined();
  });
});
