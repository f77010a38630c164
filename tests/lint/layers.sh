#!/bin/sh
# Fail when a file includes from a folder that layers.txt does not allow it, or by
# a path that does not start at the root.
awk '
FNR == NR {
    sub(/#.*/, "")
    if (split($0, half, ":") == 2) {
        known[half[1]] = 1
        allowed[half[1]] = " " half[1] " " half[2] " "
    }
    next
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split(FILENAME, at, "/"); split($0, quoted, "\""); split(quoted[2], to, "/")
    if (!(to[1] in known))
        problem = "include \"" quoted[2] "\" by its path from the root"
    else if (!index(allowed[at[1]], " " to[1] " "))
        problem = at[1] "/ may not include " to[1] "/ (see tests/lint/layers.txt)"
    else
        next
    print FILENAME ":" FNR ": " problem
    bad = 1
}
END { exit bad }
' tests/lint/layers.txt $(git ls-files "*.[ch]" |
    while read -r file; do [ -f "$file" ] && echo "$file"; done)
