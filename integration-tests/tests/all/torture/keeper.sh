# Keeps what a torture must not leave behind: its processes and the small disk under them. Once its owner is gone, however
# it went, the pipe on our stdin closes, and both go. Runs as: sh -c THIS keeper DIR [KIB]; with KIB, a disk of that size
# is mounted on DIR. Says `ready`, or nothing where that cannot be.

# Whoever sends these to everyone sends them to the owner, too, and then we are needed.
trap '' HUP INT TERM

if [ -n "$2" ]; then
    mount -t tmpfs -o "size=${2}k,mode=755" lienthong-torture "$1" 2>/dev/null || exit 1
fi
echo ready

pids=' '
while read -r what pid; do
    case $what in
        started) pids="$pids$pid " ;;
        ended) pids="${pids%% "$pid" *} ${pids#* "$pid" }" ;;
    esac
done

# Each pid is a word.
kill -KILL $pids 2>/dev/null
# What libfaketime leaves behind of them.
for pid in $pids; do
    rm -f "/dev/shm/sem.faketime_sem_$pid" "/dev/shm/faketime_shm_$pid"
done
[ -z "$2" ] || umount -l "$1"
