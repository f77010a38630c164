#!/bin/sh
# Fail when a file is not as clang-format leaves it; it prints the places itself.
command -v clang-format > /dev/null || { echo "skipped: clang-format is not installed"; exit 77; }
git ls-files "*.[ch]" | while read -r file; do
    [ -f "$file" ] && printf '%s\n' "$file"
done | xargs clang-format --dry-run -Werror
