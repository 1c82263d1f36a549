"""Write the reference pages of the study file from its structure: docs/study-file.md and docs/study-file.zh.md."""

from __future__ import annotations

from pathlib import Path

from ouhe.study.reference import reference

DOCS = Path(__file__).resolve().parents[1] / "docs"


def main() -> None:
    """Write both pages."""
    (DOCS / "study-file.md").write_text(reference("en"), "utf-8")
    (DOCS / "study-file.zh.md").write_text(reference("zh"), "utf-8")


if __name__ == "__main__":
    main()
