"""Formulas: what ships is what the script makes, and both forms hold the same signs in a structure Word takes."""

import importlib.util
import json
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from lxml import etree

from ouhe.report.formulas import formula, names
from ouhe.study.methods import COMBINATIONS, METHODS

SCRIPT = Path(__file__).parents[2] / "scripts" / "formulas.py"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
#: Children of the elements in use, in the order in which the standard (ISO/IEC 29500-1, 22.1) has them.
CHILDREN = {
    "f": ["num", "den"],
    "sSub": ["e", "sub"],
    "sSup": ["e", "sup"],
    "sSubSup": ["e", "sub", "sup"],
    "nary": ["naryPr", "sub", "sup", "e"],
    "rad": ["radPr", "deg", "e"],
    "func": ["fName", "e"],
    "limLow": ["e", "lim"],
    "bar": ["barPr", "e"],
    "acc": ["accPr", "e"],
    "d": ["dPr", "e"],
    "mc": ["mcPr"],
}
MAY_BE_EMPTY = {"deg", "sub", "sup", "nor"}


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("formulas_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def local(node):
    return etree.QName(node).localname


def test_what_ships_is_what_the_script_makes(script):
    shipped = json.loads((files("ouhe.report.formulas") / "rendered.json").read_text("utf-8"))
    assert shipped == script.rendered()
    assert list(shipped) == list(names())


@pytest.mark.parametrize("stage", METHODS)
def test_every_method_of_a_stage_has_its_formula(stage):
    methods = {*METHODS[stage], *(COMBINATIONS if stage == "weights" else ())} - {"matrix"}
    assert {f"{stage}_{m}".replace("-", "_") for m in methods} <= set(names())


@pytest.mark.parametrize("name", names())
def test_omml_has_the_structure_word_takes(name):
    root = etree.fromstring(formula(name).omml)
    assert root.tag == f"{M}oMath"
    for node in root.iter():
        assert node.tag.startswith(M)
        tag = local(node)
        if tag in CHILDREN:
            assert [local(c) for c in node] == CHILDREN[tag]
        elif tag in {"e", "num", "den", "fName", "lim", "t"}:
            assert len(node) or node.text, f"an empty {tag}"
        elif tag not in MAY_BE_EMPTY and not tag.endswith("Pr"):
            assert len(node) or node.attrib, f"an empty {tag}"


@pytest.mark.parametrize("name", names())
def test_both_forms_hold_the_same_signs(name):
    said = formula(name)
    mathml, omml = etree.fromstring(said.mathml), etree.fromstring(said.omml)
    assert (mathml.tag, mathml.get("display")) == (f"{MATHML}math", "block")
    marks = {f"{M}{t}" for t in ("chr", "begChr", "endChr")}
    ours = "".join(omml.itertext()) + "".join(n.get(f"{M}val") for n in omml.iter(*marks))
    ours += "¯" * len(omml.findall(f".//{M}bar"))
    ours = ours.replace("\u0302", "^")
    theirs = "".join(mathml.itertext())
    assert Counter(re.sub(r"\s", "", ours)) == Counter(re.sub(r"\s", "", theirs))


@pytest.mark.parametrize("name", names())
def test_no_formula_holds_words(name):
    """They stand in any language: whatever LaTeX commands leave of letters are symbols, not words."""
    left = re.sub(r"\\[a-zA-Z]+", " ", formula(name).latex).replace("cases", "")
    assert max(map(len, re.findall(r"[A-Za-z]+", left))) <= 3
    assert formula(name).latex.isascii()


def test_a_sum_runs_over_its_term_and_no_further(script):
    root = etree.fromstring(script.render(r"\sum_{i=1}^{n} a_{i} (b + c) + d = \prod_{j} e")["omml"])
    first, second = root.iter(f"{M}nary")
    assert ["".join(first.find(f"{M}{p}").itertext()) for p in ("sub", "sup", "e")] == ["i=1", "n", "aib+c"]
    assert "".join(second.find(f"{M}e").itertext()) == "e"
    assert second.find(f"{M}naryPr/{M}supHide").get(f"{M}val") == "1"
    assert "".join(root[1].itertext()) == "+"


def test_a_function_is_taken_of_what_follows_it(script):
    root = etree.fromstring(script.render(r"\max_{i} x_{i} - \ln(nT) y")["omml"])
    said = [["".join(part.itertext()) for part in f] for f in root.iter(f"{M}func")]
    assert said == [["maxi", "xi"], ["ln", "nT"]]
    assert root.find(f".//{M}limLow") is not None


def test_an_open_bracket_is_refused(script):
    with pytest.raises(ValueError, match="not closed"):
        script.render("(a + b")
