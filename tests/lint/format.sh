#!/bin/sh
# Fail when a file is not as clang-format leaves it.
command -v clang-format > /dev/null || { echo "skipped: clang-format is not installed"; exit 77; }
bad=0
for file in $(git ls-files "*.[ch]"); do
    [ -f "$file" ] || continue
    clang-format --dry-run -Werror "$file" 2> /dev/null && continue
    echo "$file: run clang-format -i $file"
    bad=1
done
exit $bad
