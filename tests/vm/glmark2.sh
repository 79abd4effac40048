#!/bin/sh
# Scenes of glmark2's draw and check themselves.
#
#: cards virtio-gpu-pci virtio-gpu-gl-pci paravane
#: start root
#: identical validation.txt
#: limit 180
. /share/tests/lib.sh

scenes='-b build:duration=2 -b texture:duration=2 -b shading:duration=2'
# shellcheck disable=SC2086
glmark2-es2-drm --off-screen -s 640x480 $scenes >/tmp/glmark2.log 2>&1 || fail "glmark2: $(tail -3 /tmp/glmark2.log)"
cat /tmp/glmark2.log
expect_renderer "$(sed -n 's/.*GL_RENDERER: *//p' /tmp/glmark2.log)"
note "$(sed -n 's/.*GL_RENDERER: *//p' /tmp/glmark2.log); $(grep Score /tmp/glmark2.log | tr -d ' ')"
note "$(sed -n 's/.*\[\(.*\)\].*FPS: \([0-9]*\).*/\1 \2/p' /tmp/glmark2.log | tr '\n' ' ')frames a second"
# Which scenes it finds right is for the native driver to say.
# shellcheck disable=SC2086
glmark2-es2-drm --off-screen -s 640x480 --validate $scenes >/tmp/validate.log 2>&1
sed -n 's/^\(\[.*\)duration=[^:]*:/\1/p' /tmp/validate.log >/share/results/validation.txt
grep -q Success /share/results/validation.txt || fail "no scene is right: $(tail -2 /tmp/validate.log)"
