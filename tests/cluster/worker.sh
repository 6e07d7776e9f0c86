#!/bin/sh
# Stands for the program on the nodes of a test's cluster: the real one, but a unit with the word "hang" hangs.
# REAL_POSEKIT is the real program, NETWORKS what it is to have.
if [ "$2" = --describe ]; then
    # TODO: the program's own answer, as soon as it has this option.
    printf '{"version": "0.1.0", "networks": %s}\n' "${NETWORKS:-{\}}"
    exit
fi
if grep -q '"hang"' /proc/self/fd/0; then
    exec setpriv --pdeathsig KILL sleep 1000
fi
exec setpriv --pdeathsig KILL "$REAL_POSEKIT" "$@"
