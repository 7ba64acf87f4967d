"""docs/reference/doctor.svg: the doctor's letter as a terminal shows it, on the host of the article.

The host is a sample made by hand, so the picture is the same wherever it is made.
"""

import io
import re

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text
from tests.model.samples import article

from lastack.cli.doctor_layout import Sheet
from lastack.cli.doctor_report import render
from lastack.doctor.diagnosis import diagnose
from lastack.model.model import Model

__all__ = ["page"]

_WIDTH = 80

# Fonts that the viewer has: a picture loads nothing from the web.
_FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def page() -> str:
    """The picture, as SVG."""
    model = Model.of(article())
    letter = io.StringIO()
    render(diagnose(model), model, Sheet(letter, _WIDTH, color=True))
    console = Console(record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True, color_system="standard")
    console.print(Text.from_ansi(f"$ lastack\n{letter.getvalue().rstrip()}"), soft_wrap=True)
    svg = console.export_svg(title="lastack", unique_id="lastack", code_format=_FORMAT)
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines())
