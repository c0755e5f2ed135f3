"""The look of a film's report: dark glass in the film's own colours, from phone to wall."""

STYLE = """
:root{color-scheme:dark;--ink:oklch(.95 .01 280);--dim:oklch(.74 .02 280);
--faint:oklch(.6 .03 285/.22);--room:oklch(.15 .025 285);--glass:oklch(.32 .04 285/.38);
--good:oklch(.8 .15 160);--late:oklch(.8 .15 75)}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;color:var(--ink);font:16px/1.5 system-ui,sans-serif;
background:radial-gradient(70rem 40rem at 85% -5%,color-mix(in oklch,var(--one) 30%,transparent),
transparent),radial-gradient(60rem 40rem at -10% 60%,
color-mix(in oklch,var(--two) 18%,transparent),transparent),var(--room)}
main{max-width:76rem;margin:auto;padding:1.5rem 1.5rem 4rem}
h1{font-size:clamp(1.7rem,5vw,3.2rem);line-height:1.1;font-weight:700;letter-spacing:-.03em;
margin:0;text-wrap:balance;overflow-wrap:anywhere}
h2{font-size:1.05rem;font-weight:600;letter-spacing:-.01em;margin:2.8rem 0 .9rem}
p{color:var(--dim);margin:.4rem 0}
.glass,figure{background:var(--glass);border:1px solid var(--faint);border-radius:1rem;
overflow:hidden;margin:0;box-shadow:0 1px 0 oklch(1 0 0/.06) inset,0 1rem 2.5rem oklch(0 0 0/.25)}
.hero{position:relative;border-radius:1.3rem;overflow:hidden;border:1px solid var(--faint);
min-height:16rem;display:grid;align-items:end;background:#000}
.hero img{position:absolute;inset:0;width:100%;height:100%;object-fit:cover}
.hero>div{position:relative;padding:9rem 2rem 1.6rem;
background:linear-gradient(transparent,oklch(.1 .02 285/.55) 45%,oklch(.1 .02 285/.9))}
.hero p{color:oklch(.88 .01 280)}
@media(min-width:48rem){.hero{aspect-ratio:21/9}}
.swatches{display:flex;gap:.35rem;margin-top:.9rem}
.swatches i{width:2rem;height:.5rem;border-radius:1rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.8rem;
margin-top:1rem}
.facts div{padding:.9rem 1.1rem;color:var(--dim);font-size:.85rem}
.facts b{display:block;color:var(--ink);font-size:1.35rem;font-weight:650;letter-spacing:-.02em;
line-height:1.25;font-variant-numeric:tabular-nums}
.facts .good b{color:var(--good)}.facts .late b{color:var(--late)}
.chart{padding:1rem 1.1rem .7rem}
.chart svg{width:100%;display:block;overflow:visible}
.row{position:relative;height:1.35rem;font-size:.75rem;color:var(--dim)}
.row span{position:absolute;white-space:nowrap;overflow:hidden;padding-left:.3rem}
.row .at{transform:translateX(-50%);padding:0;overflow:visible}
.row .at:first-child{transform:none}
.key{font-size:.8rem;color:var(--dim);margin:.5rem 0 .2rem}
.board{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(13.5rem,44%),1fr));gap:.9rem}
figure img{width:100%;display:block;aspect-ratio:var(--shape);object-fit:cover}
figcaption{padding:.55rem .8rem .7rem;font-size:.8rem;line-height:1.4;color:var(--dim)}
figcaption b{color:var(--ink);font-weight:600;overflow-wrap:anywhere}
.again{color:var(--good)}
.scroll{overflow-x:auto}.heard{display:block;width:100%;min-width:54rem}
table{border-collapse:collapse;width:100%;font-size:.88rem}
td,th{padding:.55rem 1.1rem;text-align:left;white-space:nowrap}
tr+tr>*{border-top:1px solid var(--faint)}
th{color:var(--dim);font-weight:500}td:first-child{font-weight:600}
.n{text-align:right;font-variant-numeric:tabular-nums}
.bar{width:28%;min-width:6rem}.bar i{display:block;height:.5rem;border-radius:1rem;
background:linear-gradient(90deg,var(--one),var(--two))}
details summary{cursor:pointer;padding:.7rem 1.1rem;color:var(--dim)}
.told{padding:.7rem 1.1rem}
@media(max-width:40rem){main{padding:.8rem .8rem 3rem}.hero>div{padding:8rem 1.1rem 1.1rem}
td,th{padding:.5rem .7rem}.facts{grid-template-columns:1fr 1fr;gap:.6rem}
.facts div{padding:.7rem .8rem}.facts b{font-size:1.1rem}
.facts div:last-child:nth-child(odd){grid-column:1/-1}.bar{display:none}
.row.names span{font-size:.65rem}}
@media print{body{background:#fff;color:#000}.glass,figure{box-shadow:none}}
"""
