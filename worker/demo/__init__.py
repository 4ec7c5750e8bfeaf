"""`ptm demo`: everything on one machine, watched from first invoice to last contact, judged by the books."""
