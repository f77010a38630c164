#!/bin/sh
# Fail on names in milliseconds, microseconds or seconds: inside the program time is
# nanoseconds (x_ns, x_at_ns). Other units live at the edges, where people write and
# read them. Tests may name regions: eu_us is a link.
awk '
FNR == 1 { in_comment = 0 }
{
    line = $0
    gsub(/\\./, "", line)
    gsub(/"[^"]*"/, "", line)
    gsub(/\/\*([^*]|\*[^\/])*\*\//, "", line)
    if (in_comment && !sub(/.*\*\//, "", line))
        next
    in_comment = sub(/\/\*.*/, "", line)
    while (match(line, /[A-Za-z_][A-Za-z0-9_]*/)) {
        name = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        if (name !~ /_(ms|us|sec)$/ || name == "tv_sec" || name in told)
            continue
        print FILENAME ":" FNR ": " name ": time is in nanoseconds; name it ..._ns"
        told[name] = bad = 1
    }
}
END { exit bad }
' $(git ls-files "*.[ch]" | grep -vE '^(base/(units|param)\.|reports/|tests/)' |
    while read -r file; do [ -f "$file" ] && echo "$file"; done)
