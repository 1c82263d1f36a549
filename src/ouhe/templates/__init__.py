"""Studies that ship as templates: a study file, a simulated panel to try it with, and the workbook to fill in."""
