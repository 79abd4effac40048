//! Textures with more than one layer: an array, a volume, and the six sides of a cube.

use super::shapes::{RECTANGLE, Rectangles};
use crate::error::Result;
use crate::gl::{Gl, Output, tiles};

const FRAGMENT: &str = "#version 330 core
uniform sampler2DArray array;
uniform sampler3D volume;
uniform samplerCube cube;
uniform int number;
in vec2 place;
out vec4 result;
void main() {
    vec3 sides[6] = vec3[6](
        vec3(1.0, place * 2.0 - 1.0), vec3(-1.0, place * 2.0 - 1.0),
        vec3(place.x * 2.0 - 1.0, 1.0, place.y), vec3(place.x * 2.0 - 1.0, -1.0, place.y),
        vec3(place * 2.0 - 1.0, 1.0), vec3(place * 2.0 - 1.0, -1.0));
    if (number < 4) result = texture(array, vec3(place, float(number)));
    else if (number < 8) result = texture(volume, vec3(place, float(number - 4) / 3.2));
    else result = texture(cube, sides[(number - 8) % 6]);
}
";

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    let program = gl.pair(RECTANGLE, FRAGMENT)?;
    let rectangles = Rectangles::of(gl, program)?;
    for (unit, name) in ["array", "volume", "cube"].iter().enumerate() {
        let unit = i32::try_from(unit).unwrap_or_default();
        gl.uniform_1_i32(Some(&gl.uniform(program, name)?), unit);
    }
    layered(gl, 0, glow::TEXTURE_2D_ARRAY)?;
    layered(gl, 1, glow::TEXTURE_3D)?;
    gl.filter(glow::TEXTURE_3D, glow::LINEAR, glow::LINEAR);
    cube(gl)?;
    let number = gl.uniform(program, "number")?;
    for tile in 0..14 {
        gl.uniform_1_i32(Some(&number), i32::from(tile));
        rectangles.draw_tile(tile);
    }
    gl.picture()
}

fn layered(gl: &Gl, unit: u32, kind: u32) -> Result<()> {
    gl.active_texture(glow::TEXTURE0 + unit);
    gl.bound(kind)?;
    gl.tex_storage_3d(kind, 1, glow::RGBA8, 16, 16, 4);
    gl.nearest(kind);
    for layer in 0..4u8 {
        let texels = tiles(16, layer * 60);
        gl.upload_layer(kind, i32::from(layer), [0, 0, 16, 16], &texels);
    }
    Ok(())
}

fn cube(gl: &Gl) -> Result<()> {
    gl.active_texture(glow::TEXTURE2);
    gl.bound(glow::TEXTURE_CUBE_MAP)?;
    gl.tex_storage_2d(glow::TEXTURE_CUBE_MAP, 1, glow::RGBA8, 16, 16);
    gl.nearest(glow::TEXTURE_CUBE_MAP);
    for side in 0..6u8 {
        let kind = glow::TEXTURE_CUBE_MAP_POSITIVE_X + u32::from(side);
        gl.upload(kind, 0, [0, 0, 16, 16], &tiles(16, side * 40));
    }
    Ok(())
}
