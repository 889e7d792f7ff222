"""The Word template that is used when an office brings none, written part by part.

It is an ordinary docxtpl template: an office may save `default_template`, open it in Word,
change fonts, seals and wording, and hand it to ``render_docx``. ``{{p t.grid }}`` places a
finished table; a template that wants its own may loop over ``t.heads``, ``t.rows``, ``t.totals``.
"""

from __future__ import annotations

from functools import cache

from songhua.documents.archive import packed

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OPC = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WML = "application/vnd.openxmlformats-officedocument.wordprocessingml"

SONG, FANG, HEI = "宋体", "仿宋", "黑体"


def fonts(east: str) -> str:
    """The font of a run: `east` for Chinese, Times New Roman for the rest."""
    latin = 'w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman"'
    return f'<w:rFonts {latin} w:eastAsia="{east}"/>'


def _run(text: str, style: str = "") -> str:
    return f'<w:r>{style and f"<w:rPr>{style}</w:rPr>"}<w:t xml:space="preserve">{text}</w:t></w:r>'


def _line(text: str, style: str = "Normal", run: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{_run(text, run)}</w:p>'


def _field(code: str) -> str:
    return f'<w:fldSimple w:instr=" {code} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'


def page_setup(wide: bool) -> str:
    """The page of a section: A4 upright with the margins of GB/T 9704, or on its side."""
    size = 'w:w="16838" w:h="11906" w:orient="landscape"' if wide else 'w:w="11906" w:h="16838"'
    edge = (
        'w:top="1474" w:right="1247" w:bottom="1361" w:left="1247"'
        if wide
        else 'w:top="2098" w:right="1474" w:bottom="1701" w:left="1587"'
    )
    return (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId3"/>'
        '<w:footerReference w:type="default" r:id="rId4"/>'
        f'<w:pgSz {size}/><w:pgMar {edge} w:header="850" w:footer="700" w:gutter="0"/></w:sectPr>'
    )


def _turn(wide: bool) -> str:
    """The paragraph that ends a stretch of upright (or wide) pages."""
    tiny = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    return f"<w:p><w:pPr>{tiny}{page_setup(wide)}</w:pPr></w:p>"


def _style(name: str, title: str, paragraph: str, run: str, based: str = "Normal") -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{title}"/>'
        f'<w:basedOn w:val="{based}"/><w:qFormat/><w:pPr>{paragraph}</w:pPr>'
        f"<w:rPr>{run}</w:rPr></w:style>"
    )


def _styles() -> str:
    centre = '<w:jc w:val="center"/>'
    small = '<w:color w:val="667080"/><w:sz w:val="17"/><w:szCs w:val="17"/>'
    amber = '<w:shd w:val="clear" w:color="auto" w:fill="FFF4E0"/>'

    def size(half_points: int) -> str:
        return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'

    def space(before: int, after: int, more: str = "") -> str:
        return f'<w:spacing w:before="{before}" w:after="{after}" {more}/>'

    def rule(edge: str, width: int, colour: str) -> str:
        return f'<w:{edge} w:val="single" w:sz="{width}" w:space="4" w:color="{colour}"/>'

    red, soft = "B8161B", '<w:color w:val="667080"/>'
    return (
        f'{_HEAD}<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr>{fonts(FANG)}'
        f'{size(28)}<w:lang w:val="en-GB" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        "<w:qFormat/></w:style>"
        + _style(
            "Issuer",
            "Issuer",
            space(120, 200) + centre,
            fonts(SONG) + f'<w:b/><w:color w:val="{red}"/>' + size(56),
        )
        + _style(
            "Number",
            "Number",
            f"<w:pBdr>{rule('bottom', 18, red)}</w:pBdr>"
            '<w:tabs><w:tab w:val="right" w:pos="8845"/></w:tabs>' + space(0, 480),
            size(24),
        )
        + _style("Title", "Title", space(0, 120) + centre, fonts(SONG) + "<w:b/>" + size(44))
        + _style("Subtitle", "Subtitle", space(0, 60) + centre, size(30))
        + _style("Period", "Period", space(0, 200) + centre, fonts(HEI) + soft + size(22))
        + _style(
            "Simulated",
            "Simulated",
            amber + space(60, 240) + centre,
            fonts(HEI) + '<w:color w:val="8A4F00"/>' + size(21),
        )
        + _style(
            "Heading1",
            "heading 1",
            "<w:keepNext/>" + space(280, 140) + '<w:outlineLvl w:val="0"/>',
            fonts(HEI) + size(30),
        )
        + _style(
            "BodyText",
            "Body Text",
            space(0, 0, 'w:line="520" w:lineRule="exact"')
            + '<w:ind w:firstLineChars="200" w:firstLine="560"/><w:jc w:val="both"/>',
            "",
        )
        + _style("Caption", "caption", "<w:keepNext/>" + space(200, 100) + centre,
                 fonts(HEI) + size(22))
        + _style("Note", "Note", space(80, 160), fonts(SONG) + small)
        + _style(
            "Copies",
            "Copies",
            f"<w:keepLines/><w:pBdr>{rule('top', 8, '1D2129')}{rule('bottom', 8, '1D2129')}"
            f"{rule('between', 4, '1D2129')}</w:pBdr>"
            '<w:tabs><w:tab w:val="right" w:pos="8700"/></w:tabs>' + space(360, 0),
            size(24),
        )
        + _style("Header", "header", '<w:jc w:val="right"/>', fonts(HEI) + small)
        + _style("Footer", "footer", centre, fonts(SONG) + small)
        + "</w:styles>"
    )  # fmt: skip


def _body() -> str:
    amber = '<w:color w:val="8A4F00"/>'
    lines = [
        _line("{{ issuer }}", "Issuer"),
        '<w:p><w:pPr><w:pStyle w:val="Number"/></w:pPr>'
        + _run("{{ number }}") + "<w:r><w:tab/></w:r>" + _run("{{ issued_on }}") + "</w:p>",
        _line("{{ title }}", "Title"),
        _line("{%p if subtitle %}"), _line("{{ subtitle }}", "Subtitle"), _line("{%p endif %}"),
        _line("{{ period }}", "Period"),
        _line("{%p if simulated_line %}"),
        _line("{{ simulated_line }}", "Simulated", amber),
        _line("{%p endif %}"),
        _line("{%p if summary %}"),
        _line("{{ summary_title }}", "Heading1"),
        _line("{{p summary_grid }}"),
        _line("{%p endif %}"),
        _line("{%p for s in parts %}"),
        _line("{%p if s.turns == 'wide' %}"), _turn(False), _line("{%p endif %}"),
        _line("{%p if s.turns == 'tall' %}"), _turn(True), _line("{%p endif %}"),
        _line("{%p if s.heading %}"), _line("{{ s.heading }}", "Heading1"), _line("{%p endif %}"),
        _line("{%p for words in s.paragraphs %}"),
        _line("{{ words }}", "BodyText"),
        _line("{%p endfor %}"),
        _line("{%p for t in s.tables %}"),
        _line("{{ t.title }}", "Caption"),
        _line("{{p t.grid }}"),
        _line("{{ t.note }}", "Note"),
        _line("{%p endfor %}"),
        _line("{%p endfor %}"),
        _line("{%p if copies %}"), _line("{{ copies }}", "Copies"), _line("{%p endif %}"),
        '<w:p><w:pPr><w:pStyle w:val="Copies"/><w:spacing w:before="0" w:after="0"/></w:pPr>'
        + _run("{{ issuer }}") + "<w:r><w:tab/></w:r>" + _run("{{ issued }}") + "</w:p>",
    ]  # fmt: skip
    return (
        f'{_HEAD}<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>'
        f"{''.join(lines)}{page_setup(False)}</w:body></w:document>"
    )


def _header() -> str:
    amber = '<w:color w:val="8A4F00"/><w:shd w:val="clear" w:color="auto" w:fill="FFF4E0"/>'
    return (
        f'{_HEAD}<w:hdr xmlns:w="{W}" xmlns:r="{R}"><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>'
        + _run("{{ title }}　") + _run("{{ simulated }}", amber) + "</w:p></w:hdr>"
    )  # fmt: skip


def _footer() -> str:
    return (
        f'{_HEAD}<w:ftr xmlns:w="{W}" xmlns:r="{R}">'
        + _line("{{ audit }}", "Footer")
        + '<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>'
        + _run("{{ page[0] }}") + _field("PAGE") + _run("{{ page[1] }}") + _field("NUMPAGES")
        + _run("{{ page[2] }}") + "</w:p></w:ftr>"
    )  # fmt: skip


@cache
def default_template() -> bytes:
    """The template as a .docx file, the same bytes every time."""
    kinds = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{_WML}.{kind}+xml"/>'
        for part, kind in (
            ("document", "document.main"),
            ("styles", "styles"),
            ("header1", "header"),
            ("footer1", "footer"),
        )
    )
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{R}/{kind}" Target="{kind}{number}.xml"/>'
        for at, kind, number in ((1, "styles", ""), (3, "header", "1"), (4, "footer", "1"))
    )
    return packed(
        {
            "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_OPC}/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f"{kinds}</Types>",
            "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_OPC}/relationships"><Relationship '
            f'Id="rId1" Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'{_HEAD}<Relationships xmlns="{_OPC}/relationships">'
            f"{links}</Relationships>",
            "word/document.xml": _body(),
            "word/styles.xml": _styles(),
            "word/header1.xml": _header(),
            "word/footer1.xml": _footer(),
        }
    )
