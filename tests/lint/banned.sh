#!/bin/sh
# Fail on calls that this house does not use, and say what to use instead. Who must
# make one (io/ reads clocks) is let through by folder, never line by line.
awk '
BEGIN {
    call("strcpy|strcat|sprintf", "", "snprintf")
    call("vsprintf", "", "vsnprintf")
    call("gets", "", "fgets")
    call("atoi|atol|atoll|atof", "", "strtoll, or param_parse")
    call("rand|srand|random|srandom|drand48|getrandom", "io", "base/random.h")
    call("time|gettimeofday|clock_gettime|clock", "io tests", "the now_ns of io/io.h")
    call("usleep|sleep|nanosleep", "io tests", "a timer of io/io.h")
    call("printf|vprintf|puts|putchar|perror", "cli reports tests", "struct err or log_event")
}
function call(names, folders, use,    list, n)
{
    n = split(names, list, "|")
    for (; n > 0; n--) {
        instead[list[n]] = use
        free_in[list[n]] = " " folders " "
    }
}
function complain(name, use)
{
    print FILENAME ":" FNR ": " name " is banned: use " use
    bad = 1
}
FNR == 1 {
    split(FILENAME, at, "/")
    in_comment = 0
}
/TODO|FIXME/ { complain("an unfinished remark", "an issue") }
{
    # Texts and comments call nothing.
    line = $0
    gsub(/\\./, "", line)
    gsub(/"[^"]*"/, "", line)
    gsub(/\/\*([^*]|\*[^\/])*\*\//, "", line)
    if (in_comment && !sub(/.*\*\//, "", line))
        next
    in_comment = sub(/\/\*.*/, "", line)
    if (line ~ /f(printf|puts|write)\(.*stderr/ && !index(" cli reports tests ", " " at[1] " "))
        complain("stderr", "struct err or log_event")
    # Each name that is called: not a member, not the declaration of a struct of ops.
    while (match(line, /[A-Za-z_][A-Za-z0-9_]*\(/)) {
        name = substr(line, RSTART, RLENGTH - 1)
        before = RSTART > 1 ? substr(line, RSTART - 1, 1) : " "
        line = substr(line, RSTART + RLENGTH)
        if (name in instead && before !~ /[.>]/ && !index(free_in[name], " " at[1] " "))
            complain(name, instead[name])
    }
}
END { exit bad }
' $(git ls-files "*.[ch]" | while read -r file; do [ -f "$file" ] && echo "$file"; done)
