#!/bin/sh
# The pointer in QEMU's window: it looks as the guest has it, and its hot spot is where the guest
# wants it. (Hidden ones are not tested here: this window shows them all the same.)
#
#: cards virtio-gpu-pci paravane
#: window
#: same none.png shown.png moved.png other.png
#: different none.png shown.png moved.png other.png
. /share/tests/lib.sh

wait_until '[ "$(connected)" = 1 ]' 20
# The console's own cursor blinks.
printf '\033[?25l\033[2J' >/dev/tty1
mkfifo /tmp/pointer
/share/bin/pointer </tmp/pointer >>/tmp/pointer.log 2>&1 &
exec 3>/tmp/pointer

# Has the pointer do $1.
point() {
    : >/tmp/pointer.log
    echo "$1" >&3
    wait_until 'grep -q done /tmp/pointer.log' 10
}

# Takes the window's picture, when it has had the time to show what is new.
picture() {
    sleep 2
    ask window "$1"
}

picture none.png
point 'move 200 100'
point 'look 0 0'
picture shown.png
point 'move 600 400'
picture moved.png
point 'look 40 20'
picture other.png
