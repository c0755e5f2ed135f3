"""How pages show a film: their look, and the script of the player over its strip of shots."""

import html
from collections.abc import Mapping

PLAYER_STYLE = """
header{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem 1rem;margin-bottom:1.4rem}
.status{font-size:.85rem;padding:.15rem .75rem;border-radius:2rem;border:1px solid currentColor}
.complete{color:var(--good)}.degraded{color:var(--warn)}
.stage{overflow:hidden}
video{display:block;width:100%;height:auto;max-height:74vh;background:oklch(.08 .01 285)}
nav{position:relative;display:flex;flex-wrap:wrap;gap:.7rem;margin:1.3rem 0 1.6rem}
nav a{padding:.55rem 1.15rem;border-radius:.8rem;text-decoration:none;border:1px solid var(--edge);
background:oklch(.4 .05 285/.35)}nav a:hover{background:oklch(.5 .07 285/.5)}
nav a.first{background:var(--hot);border-color:transparent;color:oklch(.18 .05 330);
font-weight:600}nav a.first:hover{background:oklch(.8 .15 330)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(12rem,1fr));gap:1.1rem 1.5rem;
padding:1.4rem 1.6rem;color:var(--dim);font-size:.85rem}
.facts b{display:block;font-size:1.02rem;font-weight:600;color:var(--ink)}
.notes{padding:1.2rem 1.6rem;margin-top:1.2rem}.notes ul{margin:0;padding-left:1.1rem}
footer{margin-top:2rem;font-size:.8rem;color:var(--dim)}
"""
# A content link ends while a paused film stands open: loading anew fetches a fresh one. By then the
# player has stopped without a pause event, so that only `on` tells whether to go on.
PLAYER_SCRIPT = """
const film=document.querySelector('video'),strip=document.querySelector('.strip');
let tries=0,on=false;
if(film){film.addEventListener('error',()=>{if(tries++>3)return;const at=film.currentTime;
film.load();film.currentTime=at;if(on)film.play()});
film.addEventListener('play',()=>{on=true});film.addEventListener('pause',()=>{on=false});
film.addEventListener('playing',()=>{tries=0});}
if(film&&strip){const now=strip.querySelector('.now'),long=Number(strip.dataset.seconds);
film.addEventListener('timeupdate',()=>{const x=film.currentTime/long*1000;
now.setAttribute('x1',x);now.setAttribute('x2',x)});
strip.addEventListener('click',e=>{const box=strip.getBoundingClientRect();
film.currentTime=(e.clientX-box.left)/box.width*long;film.play()});}
"""


def draw_facts(facts: Mapping[str, str]) -> str:
    """Names with their values, side by side."""
    return "".join(f"<div>{name}<b>{html.escape(value)}</b></div>" for name, value in facts.items())
