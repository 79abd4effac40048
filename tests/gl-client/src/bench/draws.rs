//! Many draws of next to nothing, each after a change of one kind, or after none.

use super::Step;
use crate::error::Result;
use crate::gl::Gl;

/// Of a step, after which the driver is waited for.
const DRAWS: u16 = 1000;

const VERTEX: &str = "#version 330 core
layout(location = 0) in vec2 place;
uniform vec4 moved;
void main() { gl_Position = vec4(place * 0.01 + moved.xy, 0.0, 1.0); }
";

const FRAGMENT: &str = "#version 330 core
uniform vec4 tint;
uniform sampler2D image;
out vec4 result;
void main() { result = tint * texture(image, vec2(0.5)); }
";

/// What all parts draw with.
struct Scene<'a> {
    gl: &'a Gl,
    programs: [glow::Program; 2],
    textures: [glow::Texture; 2],
    moved: glow::UniformLocation,
}

impl<'a> Scene<'a> {
    fn new(gl: &'a Gl) -> Result<Self> {
        gl.target()?;
        let other = FRAGMENT.replace("tint *", "tint.wzyx *");
        let programs = [gl.pair(VERTEX, &other)?, gl.pair(VERTEX, FRAGMENT)?];
        let textures = [gl.tiled(glow::RGBA8, 16)?, gl.tiled(glow::RGBA8, 32)?];
        gl.attribute(0, 2, &[-1.0, -1.0, 1.0, -1.0, 0.0, 1.0])?;
        for program in programs {
            gl.use_program(Some(program));
            let tint = gl.uniform(program, "tint")?;
            gl.uniform_4_f32(Some(&tint), 0.9, 0.7, 0.5, 1.0);
        }
        let moved = gl.uniform(programs[1], "moved")?;
        Ok(Self {
            gl,
            programs,
            textures,
            moved,
        })
    }

    /// A step that has `change` called before each draw, with the draw's number.
    fn step(self, change: impl Fn(&Self, u16) + 'a) -> Step<'a> {
        Box::new(move || {
            for number in 0..DRAWS {
                change(&self, number);
                self.gl.draw_arrays(glow::TRIANGLES, 0, 3);
            }
            self.gl.finish();
            Ok(f64::from(DRAWS))
        })
    }
}

pub(super) fn plain(gl: &Gl) -> Result<Step<'_>> {
    Ok(Scene::new(gl)?.step(|_, _| ()))
}

pub(super) fn uniforms(gl: &Gl) -> Result<Step<'_>> {
    Ok(Scene::new(gl)?.step(|scene, number| {
        let x = f32::from(number) / f32::from(DRAWS);
        let moved = Some(&scene.moved);
        scene.gl.uniform_4_f32(moved, x, 0.5 - x, 0.0, 0.0);
    }))
}

/// Blending switched on and off, and another scissor each time.
pub(super) fn states(gl: &Gl) -> Result<Step<'_>> {
    let scene = Scene::new(gl)?;
    gl.blend_func(glow::SRC_ALPHA, glow::ONE_MINUS_SRC_ALPHA);
    gl.enable(glow::SCISSOR_TEST);
    Ok(scene.step(|scene, number| {
        match number % 2 {
            0 => scene.gl.enable(glow::BLEND),
            _ => scene.gl.disable(glow::BLEND),
        }
        scene.gl.scissor(0, 0, i32::from(number % 64) + 64, 128);
    }))
}

pub(super) fn textures(gl: &Gl) -> Result<Step<'_>> {
    Ok(Scene::new(gl)?.step(|scene, number| {
        let texture = scene.textures[usize::from(number % 2)];
        scene.gl.bind_texture(glow::TEXTURE_2D, Some(texture));
    }))
}

pub(super) fn programs(gl: &Gl) -> Result<Step<'_>> {
    Ok(Scene::new(gl)?.step(|scene, number| {
        let program = scene.programs[usize::from(number % 2)];
        scene.gl.use_program(Some(program));
    }))
}

/// The triangle's corners written anew each time.
pub(super) fn vertices(gl: &Gl) -> Result<Step<'_>> {
    Ok(Scene::new(gl)?.step(|scene, number| {
        let x = f32::from(number) / 10.0;
        let corners = [x, 0.0, x + 1.0, 0.0, x, 1.0];
        let bytes = crate::gl::bytes(&corners);
        scene
            .gl
            .buffer_data(glow::ARRAY_BUFFER, &bytes, glow::STREAM_DRAW);
    }))
}
