"""Figures of a Word file: in the line, as wide as the text at most, on the page of their caption."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ouhe.report.document import Figure
from ouhe.report.render.word.markup import Xml, join, w, xml
from ouhe.report.render.word.running import Writer
from ouhe.report.render.word.tables import notes

if TYPE_CHECKING:
    from docx.parts.document import DocumentPart

__all__ = ["figure"]

#: English metric units in a twentieth of a point.
TWENTIETH = 635
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"


def figure(
    block: Figure, writer: Writer, part: DocumentPart, files: Mapping[str, Path], *, width: int, height: int
) -> Xml:
    """Picture, caption and notes.

    Parameters
    ----------
    block, writer
        The figure, and what the file shares.
    part
        Where the picture is stored.
    files
        Name of a figure → its PNG file; where it is absent, the file says so in its place.
    width, height
        Most room for the picture, in twentieths of a point.
    """
    file = files.get(block.file)
    if file is None:
        picture = writer.plain(writer.said("no_figure", file=block.file))
    else:
        picture = _picture(block, writer, part, file, width=width, height=height)
    gap = writer.plain(writer.said("captioned", label="", caption="")) if block.number else Xml("")
    label = writer.label(block, "Figure") if block.number else Xml("")
    kept = (w("keepNext"),)
    caption = writer.paragraph(
        "Caption", label, gap, writer.plain(block.caption), properties=kept if block.notes else ()
    )
    said = notes(block.notes, writer) if block.notes else Xml("")
    return join(writer.paragraph("Figure", picture, properties=kept), caption, said)


def _picture(block: Figure, writer: Writer, part: DocumentPart, file: Path, *, width: int, height: int) -> Xml:
    """Drawing of the size of the picture, made smaller where it does not fit."""
    identity, image = part.get_or_add_image(str(file))
    wide, high = int(image.width), int(image.height)
    scale = min(1.0, width * TWENTIETH / wide, height * TWENTIETH / high)
    size: dict[str, str | int] = {"cx": round(wide * scale), "cy": round(high * scale)}
    number = writer.next_drawing()
    named: dict[str, str | int] = {"id": number, "name": block.file, "descr": block.caption}
    fill = xml(
        "pic:blipFill",
        {},
        xml("a:blip", {"r:embed": identity}),
        xml("a:stretch", {}, xml("a:fillRect", {})),
    )
    shape = xml(
        "pic:spPr",
        {},
        xml("a:xfrm", {}, xml("a:off", {"x": 0, "y": 0}), xml("a:ext", size)),
        xml("a:prstGeom", {"prst": "rect"}, xml("a:avLst", {})),
    )
    about = xml("pic:nvPicPr", {}, xml("pic:cNvPr", named), xml("pic:cNvPicPr", {}))
    picture = xml("pic:pic", {}, about, fill, shape)
    graphic = xml("a:graphic", {}, xml("a:graphicData", {"uri": f"{DRAWING}/picture"}, picture))
    locked = xml("wp:cNvGraphicFramePr", {}, xml("a:graphicFrameLocks", {"noChangeAspect": 1}))
    edges: dict[str, str | int] = dict.fromkeys(("distT", "distB", "distL", "distR"), 0)
    inline = xml("wp:inline", edges, xml("wp:extent", size), xml("wp:docPr", named), locked, graphic)
    return w("r", w("drawing", inline))
