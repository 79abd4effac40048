# Packs an initramfs of busybox, modetest and a few modules, from the guest's root it runs in.
# It suffices for tests of the bare device, and mounts the root where the kernel cannot itself.
# Arguments: OUTPUT INIT
set -eu
output=$1 init=$2
version=$(ls /usr/lib/modules)
tree=$(mktemp -d)

mkdir -p "$tree/bin" "$tree/dev" "$tree/lib64" "$tree/mnt" "$tree/proc" "$tree/run" "$tree/share" \
    "$tree/sys" "$tree/tmp"
cp "$init" "$tree/init"
chmod 755 "$tree/init"
cp "$(command -v busybox)" "$tree/bin/busybox"
for applet in $(busybox --list); do
    [ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"
done

cp /usr/bin/modetest "$tree/bin/"
for library in $(ldd /usr/bin/modetest | grep -o '/[^ ]*'); do
    mkdir -p "$tree/$(dirname "$library")"
    cp -L "$library" "$tree/$library"
done

# Modules that are built into this kernel are no files; `modprobe` says so.
modules=/lib/modules/$version
mkdir -p "$tree$modules"
cp "$modules/modules.order" "$modules/modules.builtin" "$modules/modules.builtin.modinfo" "$tree$modules/"
for module in virtio_pci virtiofs virtio-rng virtio-gpu; do
    modprobe --set-version "$version" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | sort -u | while read -r file; do
    unpacked=$tree${file%.xz}
    mkdir -p "$(dirname "$unpacked")"
    case $file in
    *.xz) busybox xzcat "$file" >"$unpacked" ;;
    *.ko) cp "$file" "$unpacked" ;;
    *) echo "mini: $file is packed in a way unknown here" >&2 && exit 1 ;;
    esac
done
depmod --basedir "$tree" "$version"

(cd "$tree" && find . | busybox cpio -o -H newc) >"$output" 2>/dev/null
rm -rf "$tree"
