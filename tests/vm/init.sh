#!/bin/sh
# The first process of a guest: mounts what programs expect, runs the tests that the kernel's
# command line names (vmtest=a,b), says how they ended, and turns the machine off.
# In the small initramfs it is /init and may go on to a virtiofs root (vmroot=virtiofs) first;
# in such a root it is /vminit.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LANG=C.UTF-8 XDG_RUNTIME_DIR=/run

[ -e /proc/cmdline ] || mount -t proc proc /proc
[ -e /sys/class ] || mount -t sysfs sysfs /sys
[ -c /dev/ttyS0 ] || mount -t devtmpfs dev /dev

# The value of WORD=… on the kernel's command line.
word() {
    for one in $(cat /proc/cmdline); do
        case $one in "$1="*) echo "${one#*=}" ;; esac
    done
}

modprobe -q virtio_pci
if [ "$(word vmroot)" = virtiofs ] && [ ! -e /etc/debian_version ]; then
    modprobe virtiofs
    mount -t virtiofs -o ro rootfs /mnt
    umount /sys /proc
    exec switch_root /mnt /vminit
fi

mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
for folder in /dev/shm /run /tmp /var/tmp /root; do
    [ ! -d "$folder" ] || mount -t tmpfs tmpfs "$folder"
done
mount -t debugfs debugfs /sys/kernel/debug
exec </dev/ttyS0 >/dev/ttyS0 2>&1
stty -echo
dmesg -n 1
echo "VM-START uptime=$(cut -d' ' -f1 /proc/uptime) kernel=$(uname -r)"

modprobe -q virtiofs
mount -t virtiofs share /share || echo "VM-NOTE there is no /share"
[ -n "$(word vmlate)" ] || modprobe virtio_gpu

status=0
for test in $(word vmtest | tr , ' '); do
    sh "/share/tests/$test.sh" </dev/null 2>&1
    ended=$?
    [ "$ended" = 0 ] || status=1
    echo "VM-TEST-END $test rc=$ended"
done
echo "VM-DONE rc=$status"
sync
echo o >/proc/sysrq-trigger
sleep 60
