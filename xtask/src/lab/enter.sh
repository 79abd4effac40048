# The first process of a fresh mount and process namespace: makes the lab's root
# whole and goes there. Everything it mounts ends with the namespace.
# Arguments: ROOT SESSION-SCRIPT BIND… -- ARGUMENTS-OF-THE-SESSION…
set -eu
root=$1 session=$2
shift 2
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/dev/shm"
mount --rbind /sys "$root/sys"
mount -t proc proc "$root/proc" 2>/dev/null || mount --rbind /proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
while [ "$1" != -- ]; do
    mkdir -p "$root$1"
    mount --bind "$1" "$root$1"
    shift
done
shift
exec chroot "$root" /bin/sh -c "$session" session "$@"
