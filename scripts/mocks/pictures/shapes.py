"""The shapes all pictures are made of, each as SVG text, on a canvas of 400 by 400."""


def drawn(*shapes: str) -> str:
    """Several shapes, the later ones on top."""
    return "".join(shapes)


def rect(x: float, y: float, width: float, height: float, fill: str, r: float = 0) -> str:  # noqa: PLR0917 - in SVG's own order
    corners = f' rx="{r:g}"' if r else ""
    size = f'width="{width:g}" height="{height:g}"'
    return f'<rect x="{x:g}" y="{y:g}" {size}{corners} fill="{fill}"/>'


def circle(x: float, y: float, r: float, fill: str) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="{fill}"/>'


def oval(x: float, y: float, rx: float, ry: float, fill: str) -> str:
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}" fill="{fill}"/>'


def area(d: str, fill: str) -> str:
    return f'<path d="{d}" fill="{fill}"/>'


def line(d: str, colour: str, width: float, dash: str = "") -> str:
    """A line, whose ends are round unless it is dashed, as in "2 10"."""
    style = f' stroke-dasharray="{dash}" stroke-linecap="butt"' if dash else ""
    return f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width:g}"{style}/>'


def placed(shape: str, transform: str) -> str:
    return f'<g transform="{transform}">{shape}</g>'


def turned(shape: str, degrees: float, x: float = 200, y: float = 200) -> str:
    return placed(shape, f"rotate({degrees:g} {x:g} {y:g})")


def mirrored(shape: str) -> str:
    """The shape and, across the middle of the canvas, its mirror image."""
    return shape + placed(shape, "matrix(-1 0 0 1 400 0)")


def faint(shape: str, opacity: float = 0.5) -> str:
    return f'<g opacity="{opacity:g}">{shape}</g>'


def tiled(name: str, width: float, height: float, tile: str) -> str:
    """A pattern of repeated tiles, for what is filled with `url(#name)`."""
    size = f'width="{width:g}" height="{height:g}"'
    return f'<pattern id="{name}" {size} patternUnits="userSpaceOnUse">{tile}</pattern>'


def picture(*shapes: str) -> str:
    """A whole SVG file."""
    size, ends = 'viewBox="0 0 400 400"', 'stroke-linecap="round" stroke-linejoin="round"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {ends}>{drawn(*shapes)}</svg>\n'
