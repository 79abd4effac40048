//! Shaders and shapes that several scenes use.

/// Covers the rectangle in the uniform `area`: x, y, width and height in clip space; `place`
/// goes from 0 to 1 over it. Four corners of a strip.
pub(super) const RECTANGLE: &str = "#version 330 core
uniform vec4 area = vec4(-1.0, -1.0, 2.0, 2.0);
uniform float depth = 0.0;
out vec2 place;
void main() {
    place = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = vec4(area.xy + area.zw * place, depth, 1.0);
}
";

/// One colour, from the uniform `colour`.
pub(super) const COLOUR: &str = "#version 330 core
uniform vec4 colour;
out vec4 result;
void main() { result = colour; }
";

/// What the texture of unit 0 has at `place`.
pub(super) const TEXTURE: &str = "#version 330 core
uniform sampler2D image;
in vec2 place;
out vec4 result;
void main() { result = texture(image, place); }
";

/// Draws rectangles of `program`, which has [`RECTANGLE`].
pub(super) struct Rectangles<'a> {
    gl: &'a crate::gl::Gl,
    area: glow::UniformLocation,
}

impl<'a> Rectangles<'a> {
    pub(super) fn of(gl: &'a crate::gl::Gl, program: glow::Program) -> crate::error::Result<Self> {
        let area = gl.uniform(program, "area")?;
        Ok(Self { gl, area })
    }

    /// Draws one: x, y, width and height in clip space.
    pub(super) fn draw(&self, [x, y, width, height]: [f32; 4]) {
        self.gl.uniform_4_f32(Some(&self.area), x, y, width, height);
        self.gl.draw_arrays(glow::TRIANGLE_STRIP, 0, 4);
    }

    /// Draws the one with this number of a grid of 4 by 4, with a gap around it.
    pub(super) fn draw_tile(&self, number: u8) {
        let (column, row) = (f32::from(number % 4), f32::from(number / 4));
        self.draw([column / 2.0 - 0.97, row / 2.0 - 0.97, 0.44, 0.44]);
    }
}
