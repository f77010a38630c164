#!/bin/sh
# Fail when a header does not begin with a comment that says what it is, or is not
# guarded by the name of its path: base/err.h by BASE_ERR_H.
bad=0
for file in $(git ls-files "*.h"); do
    [ -f "$file" ] || continue
    guard=$(echo "$file" | tr 'a-z/.-' 'A-Z___')
    case $(head -n 1 "$file") in
    "/* "*) ;;
    *) echo "$file:1: begin with a comment that says what this is"; bad=1 ;;
    esac
    found=$(grep -n -m 1 '^#' "$file")
    [ "${found#*:}" = "#ifndef $guard" ] && grep -q "^#define $guard\$" "$file" && continue
    echo "$file:${found%%:*}: guard it by $guard"
    bad=1
done
exit $bad
