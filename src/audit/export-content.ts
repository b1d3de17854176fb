import type { AuditExport } from './audit-export.js';
import { exportCsv, exportJson } from './export-text.js';

/** JSON can be verified without our software, CSV is for spreadsheets, PDF for reading. */
export const EXPORT_FORMATS = ['json', 'csv', 'pdf'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Takes an export and a format; returns the content of its file. */
export async function exportContent(exported: AuditExport, format: ExportFormat): Promise<string | Buffer> {
  switch (format) {
    case 'json':
      return exportJson(exported);
    case 'csv':
      return exportCsv(exported);
    case 'pdf': {
      // What draws pages takes longer to load than all else of a command; few who start one ask for it.
      const { exportPdf } = await import('./export-pdf.js');
      return await exportPdf(exported);
    }
  }
}
