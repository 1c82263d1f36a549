"""What a Word file is made of: markup, styles, running text, tables, figures, equations and the package."""
