import type { ViewerReport } from '../protocol/viewer-info';

/** Takes the reports of one viewer, one after the other. */
export type ReportSink = (report: ViewerReport) => void;

/** Where viewers' reports of what they experience go: also the token by which it is injected. */
export abstract class ViewerReports {
  /** Takes the reports of one more viewer. */
  abstract reports(): ReportSink;
}
