# Ends the processes that its owner has started, and removes the folder, once the owner is gone: however it went, the
# pipe on our stdin closes. Runs as: sh -c THIS watchdog [FOLDER]

# Whoever sends these to everyone sends them to the owner, too, and then we are needed.
trap '' HUP INT TERM

pids=' '
while read -r what pid; do
    case $what in
        started) pids="$pids$pid " ;;
        ended) pids="${pids%% "$pid" *} ${pids#* "$pid" }" ;;
    esac
done

# Each pid is a word.
kill -KILL $pids 2>/dev/null

# What is just dying may still write.
tries=100
until [ -z "$1" ] || rm -rf "$1" 2>/dev/null || [ "$tries" -eq 0 ]; do
    tries=$((tries - 1))
    sleep 0.1
done
