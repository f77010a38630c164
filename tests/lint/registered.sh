#!/bin/sh
# Fail when a plug-in's file is missing from its registry: it would build and never run.
bad=0
# folder of the plug-ins, registry, the macro of its lines
while read -r folder registry macro; do
    [ -f "$registry" ] || continue
    for file in "$folder"/*.c; do
        name=$(basename "$file" .c | sed 's/^cmd_//')
        grep -q "^$macro($name\b" "$registry" && continue
        echo "$file: add $macro($name) to $registry"
        bad=1
    done
done <<'LIST'
injector/faults injector/faults.def FAULT
workloads/kinds workloads/workloads.def WORKLOAD
history/readers history/readers.def READER
checker/checkers checker/checkers.def CHECKER
checker/models checker/models.def MODEL
checker/objectives checker/objectives.def OBJECTIVE
systems/kinds systems/systems.def SYSTEM
reports/formats reports/formats.def FORMAT
cli/commands cli/commands.def COMMAND
LIST
exit $bad
