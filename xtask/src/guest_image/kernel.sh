# Unpacks the suite's own kernel into a root, without initramfs and boot loader.
# Argument: ROOT
set -eu
chroot "$1" sh -eu -c '
    mkdir /var/tmp/kernel
    cd /var/tmp/kernel
    # From 7.2 on a kernel is several packages; which, apt knows.
    packages=$(apt-get --simulate install linux-image-amd64 |
        sed -n "s/^Inst \(linux-\(image\|base\|binary\|modules\)-[^ ]*\) .*/\1/p")
    apt-get download $packages
    for package in *.deb; do dpkg-deb --extract "$package" .; done
    # Debian 12 has its modules in /lib, which is a link to /usr/lib.
    mkdir -p /usr/lib/modules
    for modules in lib/modules/* usr/lib/modules/*; do
        [ ! -d "$modules" ] || cp -a "$modules" /usr/lib/modules/
    done
    version=$(ls /usr/lib/modules)
    # From 7.2 on the kernel lies with its modules, too.
    for kernel in "boot/vmlinuz-$version" "usr/lib/modules/$version/vmlinuz"; do
        [ ! -f "$kernel" ] || cp "$kernel" "/boot/vmlinuz-$version"
    done
    depmod "$version"
    cd /
    rm -rf /var/tmp/kernel
    # What the tests share with the machine outside is mounted here.
    mkdir /share
'
