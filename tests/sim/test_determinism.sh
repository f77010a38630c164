#!/bin/sh
# The same seed gives the same history, byte for byte: twice, with and without ASLR, and
# from every build of the program that there is (compilers, optimisation levels).
set -eu
binary=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# export_of NAME COMMAND...: play, and write the history's export to NAME.
export_of() {
    name=$1
    shift
    "$@" run scenarios/leader-region-cut.yaml --on sim --seed 7 --out "$scratch/$name.run" \
        >"$scratch/$name.log" 2>&1 || { cat "$scratch/$name.log"; exit 1; }
    "$binary" export "$scratch/$name.run" >"$scratch/$name.jsonl"
}

same() {
    cmp "$scratch/first.jsonl" "$scratch/$1.jsonl" || { echo "FAILED: $1 differs"; exit 1; }
    echo "$1: same"
}

is_stale() {
    [ -n "$(find base io history scenarios store injector systems workloads harness cli \
        -name '*.[ch]' -newer "$1" | head -1)" ]
}

export_of first "$binary"
export_of twice "$binary"
same twice
if setarch -R true 2>/dev/null; then
    export_of without-aslr setarch -R "$binary"
    same without-aslr
fi
for other in build/faultline build/asan/faultline build/clang/faultline; do
    [ -x "$other" ] || continue
    if is_stale "$other"; then
        echo "$other: skipped, it is older than the sources"
        continue
    fi
    export_of "$(echo "$other" | tr / -)" "$other"
    same "$(echo "$other" | tr / -)"
done
echo "$(wc -l <"$scratch/first.jsonl") rows, $(sha256sum <"$scratch/first.jsonl" | cut -c1-16)"
