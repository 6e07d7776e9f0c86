#!/bin/sh
# Stands for the program on the nodes of a test's cluster: the real one, but a unit with the word "hang" hangs.
# REAL_POSEKIT is the real program.
if [ "$2" != --describe ] && grep -q '"hang"' /proc/self/fd/0; then
    exec setpriv --pdeathsig KILL sleep 1000
fi
exec "$REAL_POSEKIT" "$@"
