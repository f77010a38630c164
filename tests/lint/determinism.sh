#!/bin/sh
# Fail when an object file of store/ or io/sim* asks for a symbol that is neither ours
# (base/, io/, store/) nor in deterministic.txt. Object files do not lie: a clock
# read through a macro or a new include shows here. A line `FILE PREFIX*` allows more to
# one file that no step of the protocol calls.
build=${FAULTLINE_BUILD:-build/dev}
objects() { find "$build/CMakeFiles" -path "$1" -name '*.o' 2> /dev/null; }

judged="$(objects '*/store.dir/store/*') $(objects '*/io.dir/io/sim*')"
if [ "$judged" = " " ]; then
    echo "skipped: no object files of store/ or io/sim* in $build (set FAULTLINE_BUILD)"
    exit 77
fi
ours="$(objects '*/base.dir/base/*') $(objects '*/io.dir/io/*') $(objects '*/store.dir/store/*')"
{
    sed 's/#.*//; s/ *$//; /^$/d; /\*$/{s/\*$//; s/^/edge /; p; d}; s/^/allow /' \
        tests/lint/deterministic.txt
    nm --defined-only -A $ours | awk '{ print "allow", $NF }'
    nm -u -A $judged | awk '{ sub(/:.*/, "", $1); print "use", $NF, $1 }'
} | awk '
# What compilers add: sanitizers, coverage, stack guards, checked copies, arithmetic.
function added(name)
{
    return name ~ /^__(popcount|clz|ctz|ffs)[sdt]i2$/ || name ~ /^__(asan|ubsan|tsan|sanitizer|gcov|llvm|stack_chk|sancov)/ || name ~ /^_GLOBAL_OFFSET/
}
function plain(name)
{
    sub(/@.*/, "", name)
    if (name ~ /^__.*_chk$/)
        gsub(/^__|_chk$/, "", name)
    return name
}
function source_of(object)
{
    sub(/.*\.dir\//, "", object)
    sub(/\.o$/, "", object)
    return object
}
function at_edge(source, name)
{
    return source in prefix && index(name, prefix[source]) == 1
}
$1 == "allow" { allowed[$2] = 1 }
$1 == "edge" { prefix[$2] = $3 }
$1 == "use" && !added($2) && !(plain($2) in allowed) && !at_edge(source_of($3), $2) {
    source = source_of($3)
    print source ": uses " plain($2) ", which is not in tests/lint/deterministic.txt: ask through io/io.h"
    bad = 1
}
END { exit bad }
'
