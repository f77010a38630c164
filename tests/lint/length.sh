#!/bin/sh
# How long functions are; fail on one of more than 60 lines that has no reason beside
# its name in long_functions.txt, and on a reason that is no longer needed. Functions
# made by macros are not seen.
ctags --version 2> /dev/null | grep -q Universal || {
    echo "skipped: universal-ctags is not installed"
    exit 77
}
files=$(git ls-files "*.c" | while read -r file; do [ -f "$file" ] && echo "$file"; done)
ctags -f - --languages=C --kinds-C=f --fields=+ne --excmd=number $files | awk -F '\t' '
function field(name,    i) {
    for (i = 4; i <= NF; i++)
        if (index($i, name ":") == 1)
            return substr($i, length(name) + 2) + 0
    return 0
}
{ print field("end") - field("line") + 1, $2 ":" field("line"), $2 ":" $1 }
' | sort -n | awk '
FNR == NR {
    if ($0 !~ /^(#|$)/)
        excused[$1] = NF > 1
    next
}
{ lines[++count] = $1 }
$1 > 60 && ($3 in excused) && excused[$3] { used[$3] = 1; next }
$1 > 60 {
    print $2 ": " $3 " has " $1 " lines; split it by meaning, or say why not in tests/lint/long_functions.txt"
    bad = 1
}
END {
    for (name in excused)
        if (!(name in used)) {
            print "tests/lint/long_functions.txt: " name " is short by now, or has no reason; remove its line"
            bad = 1
        }
    print count " functions: median " lines[int((count + 1) / 2)] " lines, p95 " lines[int(count * 0.95)] ", longest " lines[count]
    exit bad
}
' tests/lint/long_functions.txt -
