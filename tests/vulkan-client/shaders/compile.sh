#!/bin/sh
# Translates the shaders that WGSL cannot express; run it after a change to one of them.
# Needs glslangValidator (glslang-tools). `-g` keeps the source in the result: a test compares.
set -eu
cd "$(dirname "$0")"
mkdir -p spirv
for source in *.vert *.frag *.geom *.tesc *.tese *.comp *.mesh *.task *.rgen *.rmiss *.rchit; do
    [ -e "$source" ] || continue
    target=$(sed -n 's|^// target: ||p' "$source")
    glslangValidator --quiet -g --target-env "${target:-vulkan1.1}" -o "spirv/$source.spv" "$source"
done
