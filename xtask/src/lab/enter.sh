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
# The new /tmp is made elsewhere and moved: what is to be seen in it may lie in the old one.
mount -t tmpfs tmpfs "$root/mnt"
while [ "$1" != -- ]; do
    case $1 in
    /tmp/*) to=$root/mnt${1#/tmp} ;;
    *) to=$root$1 ;;
    esac
    mkdir -p "$to"
    mount --bind "$1" "$to"
    shift
done
mount --move "$root/mnt" "$root/tmp"
shift
exec chroot "$root" /bin/sh -c "$session" session "$@"
