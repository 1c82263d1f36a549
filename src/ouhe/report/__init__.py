"""The report: findings (rules → sentences), one plain document, and its renderings.

``findings/`` says what the numbers show, ``sections/`` puts sentences, tables, figures and formulas in the order of a
paper, ``document`` is the plain value they make, and ``render/`` turns that value into files. A renderer knows nothing
of results; a section knows nothing of formats.
"""
