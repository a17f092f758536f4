# Draws what plot.py wrote. Called by it, which sets: svg, data (a directory), footer, rows, end (ms).
height = 363.0 + 58 * rows
set terminal svg size 1080, height font "Helvetica,15" background "#ffffff"
set output svg
set encoding utf8

# In the order of the lanes (recipe, ours) and of what was seen (old leader, nothing, new leader, the third node).
array LANE = [0xd1590a, 0x0068b5]
array DARK = [0x7a3000, 0x00345c]
array SEEN = [0xe8a33d, 0x8c1d2f, 0x3c9d6b, 0x888888]
INK = "#333333"; PALE = "#dddddd"

set multiplot
set border 1 lc rgb "#aaaaaa"
set tics nomirror scale 0.5 textcolor rgb INK
set style fill solid 1 noborder
unset key
set lmargin at screen 0.245
set rmargin at screen 0.97

# ---- what a user saw in one move
set label 1 "{/:Bold=18 What the user sees when leadership moves}  (a typical case)" at screen 0.012, screen 1 - 26.0 / height tc rgb INK
set label 2 "by hand" at screen 0.235, first 1 right tc rgb "#d1590a"
set label 3 "{/:Bold cmonha-ui}" at screen 0.235, first 0 right tc rgb "#0068b5"
set tmargin at screen 1 - 48.0 / height
set bmargin at screen 1 - 172.0 / height
set xrange [0:end / 1000]
set yrange [-0.55:1.55]
unset ytics
set format x "%g s"
plot data . "/story.dat" using ($1 / 1000):(1 - $3):($1 / 1000):($2 / 1000):(1 - $3 - 0.36):(1 - $3 + 0.36):(SEEN[$4 + 1]) \
	with boxxyerror lc rgb variable, \
     "" using (($1 + $2) / 2000):(1 - $3):($2 - $1 > end / 10 ? sprintf("{/:Bold %s}", strcol(5)) : "") with labels tc rgb "#ffffff"
unset label

# ---- the distribution of each case
set label 1 "{/:Bold=18 How long the leader's page is away after a failure}" at screen 0.012, screen 1 - 226.0 / height tc rgb INK
set label 2 "dots: samples,  {/:Bold thick line and number:} median,  thin lines: p95, p99" at screen 0.97, screen 1 - 250.0 / height right tc rgb "#777777" font ",12"
set label 3 footer at screen 0.97, screen 14.0 / height right tc rgb "#777777" font ",12"
set label 4 "{/:Bold by hand}" at screen 0.012, screen 1 - 250.0 / height tc rgb "#d1590a" font ",13"
set label 5 "{/:Bold cmonha-ui}" at screen 0.085, screen 1 - 250.0 / height tc rgb "#0068b5" font ",13"
set tmargin at screen 1 - 262.0 / height
set bmargin at screen 84.0 / height
set logscale x
set xrange [9.5:400000]
set yrange [0.5:rows + 0.5]
unset format
set xtics ("10 ms" 10, "100 ms" 100, "1 s" 1000, "10 s" 10000, "100 s" 100000)
set xlabel "after the failure (each step is ten times as long)" tc rgb "#777777" font ",12"
set grid xtics lc rgb PALE lt 1
load data . "/names.gp"
set ytics scale 0 textcolor rgb INK
do for [row = 1:rows:2] { set object row rectangle from graph 0, first row - 0.5 to graph 1, first row + 0.5 behind fc rgb "#f4f4f4" fs noborder }
plot data . "/points.dat" using 1:2:(LANE[$3 + 1]) with points pt 7 ps 0.5 lc rgb variable, \
     data . "/marks.dat" using 2:($4 - 0.13):(0):(0.26):(DARK[$5 + 1]) with vectors nohead lw 1.5 lc rgb variable, \
     "" using 3:($4 - 0.13):(0):(0.26):(DARK[$5 + 1]) with vectors nohead lw 1.5 lc rgb variable, \
     "" using 1:($4 - 0.16):(0):(0.32):(DARK[$5 + 1]) with vectors nohead lw 4 lc rgb variable, \
     "" using 7:4:(sprintf("{/:Bold %s}", strcol(6))):(LANE[$5 + 1]) with labels left offset 1, 0 tc rgb variable
unset multiplot
