"""Write the reference pages of the study file and of the paper file from their structure, in both languages."""

from __future__ import annotations

from pathlib import Path

from ouhe.audit.reference import reference as paper_file
from ouhe.study.reference import reference as study_file

DOCS = Path(__file__).resolve().parents[1] / "docs"


def main() -> None:
    """Write all pages."""
    for name, page in (("study-file", study_file), ("paper-file", paper_file)):
        (DOCS / f"{name}.md").write_text(page("en"), "utf-8")
        (DOCS / f"{name}.zh.md").write_text(page("zh"), "utf-8")


if __name__ == "__main__":
    main()
