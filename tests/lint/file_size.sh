#!/bin/sh
# Fail on a file of more than 1,000 lines: past 600 there is a second concept in it.
bad=0
for file in $(git ls-files "*.[ch]" "*.sh" "*.def" "*CMakeLists.txt" "*.cmake" "*.py"); do
    [ -f "$file" ] || continue
    lines=$(wc -l < "$file")
    [ "$lines" -le 1000 ] && continue
    echo "$file:1000: $lines lines; split it by meaning"
    bad=1
done
exit $bad
