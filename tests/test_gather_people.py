"""Folders as people report them of other tools: what is odd about them is mended, or said with what to do.

Every input is made here by code; what each test expects is what a person who looks at the pictures would."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chonk.ingest.decode import decode
from chonk.ingest.kinds import Unusable, sniff
from gather_help import drawing, encode, folder_of, on, reasons, run, sources


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """A folder of six drawings and of what the test is about."""
    folder_of(folder, 6, first=90)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def place(picture: np.ndarray) -> tuple[int, int]:
    """Width and height of what is drawn."""
    drawn = picture[..., 3] > 12
    return int(np.ptp(np.flatnonzero(drawn.any(0)))) + 1, int(np.ptp(np.flatnonzero(drawn.any(1)))) + 1


def away(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference in levels."""
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


# --- whole pictures that look damaged, damaged ones that look whole ------------------------------------------


@pytest.mark.parametrize("grey", [127, 128, 129])
def test_a_drawing_on_neutral_grey_is_taken(tmp_path: Path, grey: int) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(4):
        canvas = Image.new("RGB", (256, 256), (grey,) * 3)
        canvas.paste(on(drawing(number), (grey,) * 3), (64, 20))
        (source / f"{number}.jpg").write_bytes(encode(canvas, "JPEG", quality=90))
    assert len(run(source, tmp_path / "out")["taken"]) == 4


def jpeg_that_ends_early(progressive: bool) -> bytes:
    """As a program "repairs" it: the end of the data is gone, the mark of the end is there again."""
    data = encode(on(drawing(7), "white"), "JPEG", quality=90, progressive=progressive)
    return data[: len(data) // (4 if progressive else 2)] + b"\xff\xd9"


def test_a_jpeg_that_ends_early_is_refused_although_it_opens() -> None:
    with pytest.raises(Unusable, match="lower part is missing"):
        decode(jpeg_that_ends_early(False))


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"exif": True}])
def test_a_whole_jpeg_without_its_end_mark_is_taken(options: dict) -> None:
    """A thumbnail in front has an end mark of its own."""
    if options.get("exif"):
        options = {"exif": b"Exif\0\0" + encode(on(drawing(7, 32), "white"), "JPEG")}
    data = encode(on(drawing(7), "#808080"), "JPEG", quality=90, **options)
    assert data.endswith(b"\xff\xd9")
    np.testing.assert_array_equal(decode(data[:-2])[0].pixels, decode(data)[0].pixels)
    with pytest.raises(Unusable, match="again"):
        decode(data[: len(data) * 2 // 5])


def test_a_picture_whose_lower_part_is_plain_grey_is_taken_with_a_word(tmp_path: Path) -> None:
    """Saved again, a damaged picture cannot be told from a drawing above a grey floor."""
    picture = np.array(on(drawing(7), "white"))
    picture[80:] = 128
    result = run(
        write(tmp_path / "in", {"floor.jpg": encode(Image.fromarray(picture), "JPEG", quality=90)}), tmp_path / "out"
    )
    assert "floor.jpg" in sources(result)
    assert any("grey" in line and "floor.jpg" in line for line in result["advice"])


# --- PNG --------------------------------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes, wrong: bool = False) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body) ^ wrong)


def with_chunk(data: bytes, extra: bytes, before: bytes = b"IDAT") -> bytes:
    at = data.index(before) - 4
    return data[:at] + extra + data[at:]


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"zTXt", b"workflow\0\0" + zlib.compress(b"x" * 3_000_000)),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b"x" * 3_000_000)),
        chunk(b"tEXt", b"parameters\0" + b"x" * 3_000_000),
        chunk(b"iCCP", b"profile\0\0" + zlib.compress(b"x" * 5_000_000)),
        chunk(b"iCCP", b"profile\0\0" + b"nonsense"),
        chunk(b"tEXt", b"Comment\0hello", wrong=True),
        chunk(b"tIME", b"\0\1", wrong=True),
        chunk(b"eXIf", b"MM\0*broken"),
        chunk(b"pHYs", b""),
        chunk(b"quit", b"anything at all"),
    ],
    ids=[
        "text",
        "xmp",
        "plain text",
        "large profile",
        "broken profile",
        "checksum of a text",
        "checksum of a time",
        "exif",
        "short",
        "unknown",
    ],
)
def test_what_no_picture_needs_does_not_make_a_png_unusable(extra: bytes) -> None:
    picture = drawing(1)
    np.testing.assert_array_equal(decode(with_chunk(encode(picture, "PNG"), extra))[0].pixels, np.array(picture))


def test_what_a_png_needs_must_be_whole() -> None:
    data = encode(drawing(1), "PNG")
    broken = bytearray(data)
    broken[data.index(b"IDAT") + 30] ^= 1
    with pytest.raises(Unusable, match="IDAT has a wrong checksum"):
        decode(bytes(broken))
    with pytest.raises(Unusable, match="cut short"):
        decode(data[: len(data) // 2])
    without_end = data[:-12]
    for end in (b"", b"\0\0\0\0IEND1234", b"trailing"):  # browsers do not miss the end mark
        np.testing.assert_array_equal(decode(without_end + end)[0].pixels, np.array(drawing(1)))
    np.testing.assert_array_equal(decode(without_end[:-2])[0].pixels, np.array(drawing(1)), "half a checksum")


def test_apples_own_png_is_named() -> None:
    data = encode(drawing(1), "PNG")
    with pytest.raises(Unusable, match="CgBI.*export it as PNG"):
        decode(data[:8] + chunk(b"CgBI", b"\x50\0\x20\2") + data[8:])


def test_a_linear_png_is_brightened_as_in_browsers() -> None:
    linear = with_chunk(
        encode(Image.new("RGB", (16, 16), (55, 128, 255)), "PNG"), chunk(b"gAMA", struct.pack(">I", 100_000))
    )
    np.testing.assert_allclose(_any(linear), (127, 186, 255), atol=2)
    usual = with_chunk(
        encode(Image.new("RGB", (16, 16), (55, 128, 255)), "PNG"), chunk(b"gAMA", struct.pack(">I", 45_455))
    )
    np.testing.assert_array_equal(_any(usual), (55, 128, 255))


def _any(data: bytes) -> np.ndarray:
    return decode(data)[0].pixels[8, 8, :3]


# --- names say nothing ------------------------------------------------------------------------------------------------


def test_names_are_not_believed(tmp_path: Path) -> None:
    moving = [on(drawing(number), "white") for number in (10, 11)]
    source = write(
        tmp_path / "in",
        {
            "IMG_1.HEIC": encode(on(drawing(1), "white"), "JPEG"),
            "IMG_2.MP4": encode(moving[0], "GIF", save_all=True, append_images=moving[1:]),
            "IMG_3.webm": encode(drawing(3), "WEBP"),
            "IMG_4.rar": encode(drawing(4), "PNG"),
            "IMG_5.gz": gzip.compress(
                b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
            ),
            "IMG_6.png": b"\x1a\x45\xdf\xa3" + b"\0" * 60,
            "IMG_7.png": b"\0\0\0\x18ftypmp42" + b"\0" * 60,
            "IMG_8.jpg": b"\0\0\0\x18ftypheic" + b"\0" * 60,
            "pack.heic": zip_of({"a.png": encode(drawing(9), "PNG")}),
            "pack.docx": zip_of({"b.png": encode(drawing(12), "PNG")}),
        },
    )
    result = run(source, tmp_path / "out", size=32)
    taken = {"IMG_1.HEIC", "IMG_2.MP4", "IMG_3.webm", "IMG_4.rar", "IMG_5.gz", "pack.heic/a.png", "pack.docx/b.png"}
    assert taken == {name for name in sources(result) if not name.startswith("drawing")}
    why = reasons(result)
    assert "video" in why["IMG_6.png"] and "video" in why["IMG_7.png"] and "HEIC" in why["IMG_8.jpg"]


def zip_of(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as pack:
        for name, data in files.items():
            pack.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    "marker", ["[Content_Types].xml", "META-INF/MANIFEST.MF", "AndroidManifest.xml", "chonk-1.dist-info/WHEEL"]
)
def test_documents_and_programs_are_told_by_what_they_hold(tmp_path: Path, marker: str) -> None:
    source = write(tmp_path / "in", {"pack.zip": zip_of({marker: b"x", "media/image1.png": encode(drawing(1), "PNG")})})
    assert "document or program" in reasons(run(source, tmp_path / "out", size=32))["pack.zip"]


# --- archives ---------------------------------------------------------------------------------------------------------


def test_archives_in_an_archive(tmp_path: Path) -> None:
    inner = [zip_of({f"{n}.png": encode(drawing(n), "PNG"), "notes.txt": b"words"}) for n in (1, 2)]
    deeper = zip_of({"deep.zip": inner[0]})
    source = write(
        tmp_path / "in", {"packs.zip": zip_of({"one.zip": inner[0], "two.zip": inner[1], "three.zip": deeper})}
    )
    result = run(source, tmp_path / "out", size=32)
    assert {"packs.zip/one.zip/1.png", "packs.zip/two.zip/2.png"} <= set(sources(result))
    assert "unpack" in reasons(result)["packs.zip/three.zip/deep.zip"]
    assert "text" in reasons(result)["packs.zip/one.zip/notes.txt"]


def test_a_self_extracting_archive_and_one_with_lzma(tmp_path: Path) -> None:
    pack = zip_of({"a.png": encode(drawing(1), "PNG")})
    source = write(
        tmp_path / "in",
        {
            "pack.exe": b"MZ" + b"\0" * 500 + pack,
            "lzma.zip": zip_of({"b.png": encode(drawing(2), "PNG")}, zipfile.ZIP_LZMA),
        },
    )
    assert {"pack.exe/a.png", "lzma.zip/b.png"} <= set(sources(run(source, tmp_path / "out", size=32)))


def tar(kind: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w{kind}") as pack:
        info = tarfile.TarInfo("a.png")
        info.size = 3
        pack.addfile(info, io.BytesIO(b"abc"))
    return out.getvalue()


# --- kinds that are not read: their name, and what to do -----------------------------------------------------

TGA = bytes([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 8, 0, 24, 0]) + bytes(8 * 8 * 3)
PCX = bytes([10, 5, 1, 8]) + bytes(124) + bytes(64)
OTHER_KINDS = {
    "x.tga": (TGA, "TGA.*PNG"),
    "x.targa": (TGA + b"\0" * 8 + b"TRUEVISION-XFILE.\0", "TGA.*PNG"),
    "x.pcx": (PCX, "PCX.*PNG"),
    "x.ppm": (b"P6\n8 8\n255\n" + bytes(192), "PPM.*PNG"),
    "x.pgm": (b"P5 8 8 255\n" + bytes(64), "PGM.*PNG"),
    "x.dds": (b"DDS " + bytes(124), "DDS.*PNG"),
    "x.icns": (b"icns" + bytes(60), "ICNS.*PNG"),
    "x.cur": (b"\0\0\2\0\5\0" + bytes(60), "CUR.*PNG"),
    "x.ico": (b"\0\0\1\0\1\0" + bytes(60), "ICO.*PNG"),
    "x.xbm": (b"#define im_width 64\n#define im_height 64\n", "XBM.*PNG"),
    "x.sgi": (b"\x01\xda\0\1" + bytes(60), "SGI.*PNG"),
    "x.jxl": (b"\xff\x0a" + bytes(60), "JPEG XL.*PNG"),
    "x.jp2": (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000.*PNG"),
    "x.psd": (b"8BPS\0\1" + bytes(60), "Photoshop.*PNG"),
    "x.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript.*PNG"),
    "x.pdf": (b"%PDF-1.7\n", "PDF.*PNG"),
    "x.aseprite": (b"\x80\1\0\0\xe0\xa5\1\0" + bytes(60), "Aseprite.*PNG"),
    "x.clip": (b"CSFCHUNK" + bytes(60), "Clip Studio.*PNG"),
    "x.procreate": (b"PK\3\4" + bytes(26), "Procreate.*PNG"),
    "x.cr2": (b"II*\0\x10\0\0\0CR\2\0" + bytes(60), "raw.*PNG"),
    "x.lnk": (b"\x4c\0\0\0\1\x14\2\0" + bytes(60), "shortcut.*itself"),
    "x.url": (b"[InternetShortcut]\r\nURL=https://example.org/\r\n", "shortcut.*itself"),
    "x.parquet": (b"PAR1" + bytes(60), "Parquet"),
    "x.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(60), "7-Zip.*unpack"),
    "x.rar": (b"Rar!\x1a\x07\1\0" + bytes(60), "RAR.*unpack"),
    "x.tar": (tar(""), "TAR.*unpack"),
    "x.tar.gz": (tar(":gz"), "tar.gz.*unpack"),
    "x.tar.xz": (tar(":xz"), "XZ.*unpack"),
    "x.tgz named otherwise": (tar(":gz"), "tar.gz.*unpack"),
    "x.tgs": (gzip.compress(b'{"tgs":1,"v":"5.5.2"}'), "Telegram.*WebP or GIF"),
    "x.mkv": (b"\x1a\x45\xdf\xa3" + bytes(60), "video.*GIF or WebP"),
    "x.avi": (b"RIFF\0\0\0\0AVI LIST", "video.*GIF or WebP"),
    "x.html": (b"<!DOCTYPE html><html></html>", "web page"),
    "x.png": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "LFS"),
    "x.jpg": (b"", "empty file.*again"),
    "begun.png": (b"\x89PN", "whatever its name says.*again"),
    "error.png": (b'{"error": "not found"}', "whatever its name says.*again"),
    "denied.jpg": (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "whatever its name says.*again"),
    "x.ani": (b"RIFF\x20\0\0\0ACONanih" + bytes(40), "ANI.*PNG"),
    "x.mng": (b"\x8aMNG\r\n\x1a\n" + bytes(40), "MNG.*GIF or WebP"),
    "x.bpg": (b"BPG\xfb" + bytes(40), "BPG.*PNG"),
    "x.arw": (b"II*\0\x08\0\0\0" + bytes(60), "raw.*PNG"),
    "x.m4a": (b"\0\0\0\x18ftypM4A " + bytes(20), "sound"),
    "lottie.json": (b'{"nm":"x","h":512,"layers":[{}],"fr":30,"ip":0}', "Lottie.*GIF or WebP"),
    "x.drawio": (b"<mxfile host='app'></mxfile>", "diagram.*PNG"),
    "x.gdoc": (b'{"url":"https://docs.google.com/open?id=1"}', "Google Drive.*download"),
    "x.zip.001": (b"PK\3\4" + bytes(90), "split archive.*join"),
    "address.txt": (b"data:image/png;base64,iVBORw0KGgo", "address as text.*itself"),
    "zeros.jpg": (bytes(500), "zeros.*again"),
}


@pytest.mark.parametrize("name", OTHER_KINDS)
def test_other_kinds_are_named_with_what_to_do(
    tmp_path_factory: pytest.TempPathFactory, other_kinds: dict[str, str], name: str
) -> None:
    import re

    assert re.search(OTHER_KINDS[name][1], other_kinds[name]), other_kinds[name]


@pytest.fixture(scope="module")
def other_kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("kinds")
    return reasons(
        run(write(folder / "in", {name: data for name, (data, _) in OTHER_KINDS.items()}), folder / "out", size=32)
    )


def test_text_that_begins_like_a_kind_is_text() -> None:
    for data in (b"ID3 is a tag", b"MZ means Mark Zbikowski", b"P6 is on page six", b"BZh?"):
        assert sniff(data) == "not a picture (text)", data


def test_what_is_not_on_this_machine_and_what_is_linked(tmp_path: Path) -> None:
    source = write(
        tmp_path / "in",
        {
            ".IMG_1.JPG.icloud": b"bplist00",
            ".secret.png": encode(drawing(1), "PNG"),
            "._drawing 090.png": b"\0\5\x16\7",
        },
    )
    (source / "linked.png").symlink_to(source / "drawing 090.png")
    why = reasons(run(source, tmp_path / "out", size=32))
    assert "iCloud" in why[".IMG_1.JPG.icloud"] and "download" in why[".IMG_1.JPG.icloud"]
    assert why[".secret.png"] == "a hidden file"
    assert "notes about another file" in why["._drawing 090.png"]
    assert "put the picture itself there" in why["linked.png"]


# --- names ------------------------------------------------------------------------------------------------------------


def test_odd_names_are_all_taken_and_shown(tmp_path: Path) -> None:
    names = [
        " lead.png",
        "#1.png",
        "-rf.png",
        "100%.png",
        "Cat.PNG",
        "cat.png",
        "a&b<c>.png",
        "a:b?.png",
        "new\nline.png",
        "trail .png",
        "x" * 240 + ".png",
        unicodedata.normalize("NFC", "étoile.png"),
        unicodedata.normalize("NFD", "étoile.png"),
        "🐱\u200d🖤.png",
    ]
    source = tmp_path / "in"
    source.mkdir()
    for number, name in enumerate(names):
        (source / name).write_bytes(encode(drawing(number), "PNG"))
    with open(bytes(source) + b"/latin-\xe9.png", "wb") as file:
        file.write(encode(drawing(50), "PNG"))
    result = run(source, tmp_path / "out", size=32)
    assert sorted(sources(result)) == sorted([*names, "latin-\\xe9.png"])
    page = (tmp_path / "out" / "gather.html").read_text()
    assert "a&amp;b&lt;c&gt;.png" in page and "🐱\u200d🖤.png" in page and "latin-\\xe9.png" in page


# --- SVG --------------------------------------------------------------------------------------------------------------

FACE = '<circle cx="100" cy="100" r="80" fill="#e04040"/><circle cx="75" cy="80" r="12" fill="#fff"/>'
SVG = '<svg xmlns="http://www.w3.org/2000/svg" {}>{}</svg>'
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGN4YGAAAAMUAQGlRVt8AAAAAElFTkSuQmCC"


def middle(svg: str) -> tuple[int, ...]:
    pixels = decode(svg.encode())[0].pixels
    return tuple(int(c) for c in pixels[pixels.shape[0] // 2, pixels.shape[1] // 2])


@pytest.mark.parametrize(
    "style, paint",
    [
        (":root{--skin:#e04040}", "var(--skin)"),
        ("svg{--a:var(--b);--b:#e04040}", "var(--a)"),
        ("", "var(--none, #e04040)"),
        ("", "var(--none, var(--neither, rgb(224 64 64)))"),
        (":root{--skin:#e04040}@media (prefers-color-scheme: dark){:root{--skin:#000}}", "var(--skin)"),
        ("", "rgb(224 64 64 / 100%)"),
        ("", "rgba(87.85%, 25.1%, 25.1%, 1)"),
        ("", "hsl(0deg, 72.1%, 56.5%)"),
        ("", "hsl(0 72.1% 56.5%)"),
        ("", "hwb(0 25.1% 12.2%)"),
        ("", "light-dark(#e04040, #000)"),
        (":root{--skin:#e04040}", "VAR(--skin)"),
        ("@property --skin{syntax:'*';inherits:true;initial-value:#e04040}", "var(--skin)"),
        ("", "#e04040 icc-color(cmyk, 0.1, 0.8, 0.7, 0)"),
    ],
)
def test_svg_colours_come_out_as_in_browsers(style: str, paint: str) -> None:
    circle = '<circle cx="100" cy="100" r="80" '
    for body in (
        f"<style>{style}</style>{circle} fill='{paint}'/>",
        f'<style>{style} .a{{fill:{paint}}}</style>{circle} class="a"/>',
        f"<style><![CDATA[{style}]]></style>{circle} style='fill:{paint}'/>",
    ):
        np.testing.assert_allclose(middle(SVG.format('viewBox="0 0 200 200"', body)), (224, 64, 64, 255), atol=2)


@pytest.mark.parametrize(
    "rule",
    [
        "@media screen{circle{fill:#e04040}}",
        "@layer a{circle{fill:#e04040}}",
        "@supports (fill:red){circle{fill:#e04040}}",
    ],
)
def test_svg_rules_inside_rules_for_a_screen(rule: str) -> None:
    assert middle(SVG.format('viewBox="0 0 200 200"', f'<style>{rule}</style><circle cx="100" cy="100" r="80"/>'))[
        :3
    ] == (224, 64, 64)


@pytest.mark.parametrize(
    "style, paint, reason",
    [
        ("", "var(--brand)", "--brand.*plain colours"),
        (".a{--c:red}.b{--c:blue}", "var(--c)", "several values.*plain colours"),
        (":root{--a:var(--b);--b:var(--a)}", "var(--a)", "by themselves"),
        ("", "oklch(0.6 0.25 29)", "oklch.*plain colours"),
        ("", "color-mix(in srgb, red, blue)", "color-mix.*plain colours"),
        ("", "rgb(from red r g b)", "rgb.*plain colours"),
        ("", "env(--skin, red)", "env.*plain colours"),
        ("", "AccentColor", "AccentColor.*plain colours"),
        ("", "context-fill red", "context-fill.*plain colours"),
        (":is(circle){fill:red}", "red", ":is.*plain colours"),
        ("svg{circle{fill:red}}", "red", "a rule inside a rule.*plain colours"),
    ],
)
def test_svg_colours_that_nobody_here_understands_are_said(style: str, paint: str, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        middle(
            SVG.format(
                "viewBox='0 0 200 200'", f'<style>{style}</style><circle cx="100" cy="100" r="80" fill="{paint}"/>'
            )
        )


@pytest.mark.parametrize(
    "size, sides",
    [
        ("", (512, 512)),
        ('width="100%" height="100%"', (512, 512)),
        ('width="100%" height="100%" viewBox="0 0 200 100"', (512, 256)),
        ('width="10cm" height="100mm" viewBox="0 0 200 200"', (512, 512)),
        ('width="2in" height="96px" viewBox="0 0 200 100"', (512, 256)),
        ('width="12pc" height="144pt" viewBox="0 0 200 200"', (512, 512)),
        ('width="300" viewBox="0 0 200 200"', (512, 512)),
        ('viewBox="-100000 -100000 200000 200000"', (512, 512)),
        ('width="auto" height="auto" viewBox="0 0 200 200"', (512, 512)),
    ],
)
def test_svg_sizes(size: str, sides: tuple[int, int]) -> None:
    face = f'<g transform="scale(1000) translate(-100 -100)">{FACE}</g>' if "-100000" in size else FACE
    pixels = decode(SVG.format(size, face).encode())[0].pixels
    assert pixels.shape[1::-1] == sides
    red = np.abs(pixels.astype(int) - (224, 64, 64, 255)).max(2) <= 2
    across, along = np.ptp(np.flatnonzero(red.any(0))), np.ptp(np.flatnonzero(red.any(1)))
    assert across > 380 and (sides[1] < 512 or abs(across - along) < 4), "round and whole"


@pytest.mark.parametrize(
    "before",
    [
        "<!-- " + "licence " * 2000 + "-->",
        "<?xml version='1.0'?>\n<!-- a --><!-- <svg> -->\n",
        "\ufeff",
        "\n\n  ",
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">',
    ],
)
def test_what_stands_before_an_svg_does_not_hide_it(before: str) -> None:
    assert middle(before + SVG.format('viewBox="0 0 200 200"', FACE)) == (224, 64, 64, 255)


def test_svg_in_another_encoding_and_without_its_namespace() -> None:
    svg = '<?xml version="1.0" encoding="iso-8859-1"?>' + SVG.format(
        'viewBox="0 0 200 200"', f"<title>\xe9toile</title>{FACE}"
    )
    assert tuple(decode(svg.encode("latin-1"))[0].pixels[256, 256]) == (224, 64, 64, 255)
    assert middle(f'<svg viewBox="0 0 200 200"><defs><g id="a">{FACE}</g></defs><use xlink:href="#a"/></svg>') == (
        224,
        64,
        64,
        255,
    )


@pytest.mark.parametrize(
    "body",
    [
        f"<style>@font-face{{font-family:x;src:url(data:font/woff2;base64,d09GMgABAAAAAA)}}</style>{FACE}",
        f"<style>/* see url(http://x.y/z) */</style>{FACE}",
        f'<image href="" width="5" height="5"/>{FACE}',
        f'<switch><foreignObject width="1" height="1" requiredExtensions="x"/><g>{FACE}</g></switch>',
        f'<image href="data:image/png;base64,{PIXEL[:20]}\n{PIXEL[20:]}" width="5" height="5"/>{FACE}',
        f'<image href="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 width=%229%22/%3E"/>{FACE}',
    ],
)
def test_svg_with_things_inlined_is_drawn(body: str) -> None:
    assert middle(SVG.format('viewBox="0 0 200 200"', body)) == (224, 64, 64, 255)


def test_svg_of_illustrator() -> None:
    svg = (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" ['
        '<!ENTITY ns_ai "http://ns.adobe.com/AdobeIllustrator/10.0/"><!ENTITY ns_svg "http://www.w3.org/2000/svg">]>'
        '<svg xmlns:i="&ns_ai;" xmlns="&ns_svg;" width="200px" height="200px" viewBox="0 0 200 200"><switch>'
        '<foreignObject requiredExtensions="&ns_ai;" width="1" height="1"/>'
        f'<g i:extraneous="self">{FACE}</g></switch></svg>'
    )
    assert middle(svg) == (224, 64, 64, 255)


@pytest.mark.parametrize(
    "body, reason",
    [
        (f'<g opacity="0"><animate attributeName="opacity" from="0" to="1" dur="1s"/>{FACE}</g>', "animation.*GIF"),
        (
            "<style>@keyframes a{from{opacity:0}to{opacity:1}} g{opacity:0;animation:a 1s}</style>"
            f"<g>{FACE}</g>",
            "animation.*GIF",
        ),
        ('<text x="20" y="140" font-size="120">\U000e0001</text>', "text.*PNG"),
        ('<image href="data:image/avif;base64,AAAA" width="5" height="5"/>', "embedded.*PNG"),
        (
            '<image href="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22%3E%3Cscript/%3E%3C/svg%3E"/>',
            "script",
        ),
        ('<image href="photo.png" width="5" height="5"/>', "another file.*embedded"),
        ("<foreignObject><p>x</p></foreignObject>", "foreignObject.*PNG"),
    ],
)
def test_svg_reasons_are_true_and_say_what_to_do(body: str, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        decode(SVG.format('viewBox="0 0 200 200"', body).encode())


@pytest.mark.parametrize(
    "body, colour",
    [
        ('<symbol id="a" viewBox="0 0 200 200">{}</symbol><use href="#a" width="200" height="200"/>', (224, 64, 64)),
        ('<g style="filter:drop-shadow(0 0 2px #000)">{}</g>', (224, 64, 64)),
        ('<g stroke="currentColor" fill="none" stroke-width="60"><path d="M0 100H200"/></g>', (0, 0, 0)),
    ],
)
def test_svg_that_always_worked(body: str, colour: tuple) -> None:
    assert middle(SVG.format('viewBox="0 0 200 200"', body.format(FACE)))[:3] == colour


def test_svg_variables_in_any_attribute() -> None:
    circle = '<circle cx="100" cy="100" r="var(--r)" stroke-width="var(--w)" fill="#e04040"/>'
    body = f"<style>:root{{--r:80px;--w:8}}</style>{circle}"
    assert middle(SVG.format('viewBox="0 0 200 200"', body)) == (224, 64, 64, 255)


def test_svg_text_is_drawn_in_some_font() -> None:
    """Where the machine has any of the usual fonts; the drawing asks for one that it has not."""
    from chonk.ingest.svg import _families

    if not _families():
        pytest.skip("none of the usual fonts is installed")
    pixels = decode(
        SVG.format(
            'viewBox="0 0 200 200"', '<text x="20" y="140" font-size="120" font-family="Nowhere Sans">Ab</text>'
        ).encode()
    )[0].pixels
    assert 0.05 < (pixels[..., 3] > 128).mean() < 0.5
