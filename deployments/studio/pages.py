"""What the studio's pages share: their look, and the plain page that says what is wrong."""

import base64
import hashlib
import html

from starlette.responses import HTMLResponse

STYLE = """
:root{color-scheme:dark;--ink:oklch(.95 .01 285);--dim:oklch(.74 .025 285);
--room:oklch(.16 .03 285);--glow:oklch(.36 .13 300);--sea:oklch(.3 .09 230);
--edge:oklch(.75 .05 285/.2);--glass:oklch(.32 .045 285/.42);--hot:oklch(.72 .17 330);
--good:oklch(.8 .14 160);--warn:oklch(.82 .13 80)}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;color:var(--ink);font:1rem/1.55 system-ui,sans-serif;
background:radial-gradient(60rem 40rem at 85% -10%,var(--glow),transparent 70%),
radial-gradient(50rem 36rem at -5% 105%,var(--sea),transparent 70%),var(--room)}
main{max-width:72rem;margin:auto;padding:clamp(1.25rem,4vw,3.5rem) clamp(1rem,3vw,2rem)}
h1{font-size:clamp(1.7rem,4vw,2.6rem);font-weight:650;letter-spacing:-.025em;line-height:1.15;
margin:0;overflow-wrap:anywhere}
h2{font-size:.95rem;font-weight:600;color:var(--dim);margin:0 0 .6rem}
p{margin:.5rem 0;color:var(--dim)}
a{color:inherit}a:focus-visible,video:focus-visible{outline:3px solid var(--hot);outline-offset:3px}
.glass{background:var(--glass);border:1px solid var(--edge);border-radius:1.1rem;
box-shadow:0 1.5rem 4rem oklch(0 0 0/.35),inset 0 1px oklch(1 0 0/.08);
backdrop-filter:blur(18px) saturate(1.3)}
"""

# Pages of ours hold no picture, script or form from anywhere unless a page allows it.
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_MESSAGE = """
body{display:grid;place-items:center}.message{max-width:34rem;padding:2rem 2.2rem;margin:1rem}
.message h1{font-size:1.6rem;margin-bottom:.8rem}
"""


def page(
    title: str,
    body: str,
    *,
    style: str,
    allow: str = "",
    script: str = "",
    status: int = 200,
) -> HTMLResponse:
    """A whole page under a content policy that names its own style and script by digest.

    Args:
        title: Plain text.
        body: HTML, escaped where it must be.
        style: CSS after the common one.
        allow: More of the content policy, such as ``media-src 'self'``.
        script: JavaScript of the page's own.
        status: HTTP status.
    """
    css = STYLE + style
    policy = f"{_NOTHING}; style-src {_digest(css)}"
    if script:
        policy += f"; script-src {_digest(script)}"
    if allow:
        policy += f"; {allow}"
    tail = f"<script>{script}</script>" if script else ""
    return HTMLResponse(
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<title>{html.escape(title)}</title><style>{css}</style>{body}{tail}</html>\n",
        status_code=status,
        headers={"content-security-policy": policy, "cache-control": "no-store"},
    )


def message_page(status: int, title: str, text: str) -> HTMLResponse:
    """A page that says what is wrong and what to do next."""
    body = (
        f"<div class='glass message'><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p></div>"
    )
    return page(title, body, style=_MESSAGE, status=status)


def _digest(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
