//! How many samples were drawn, and whether any was.

use super::shapes::{COLOUR, RECTANGLE, Rectangles};
use crate::error::{Error, Result};
use crate::gl::{Gl, Output};

const AREAS: [[f32; 4]; 3] = [
    [-1.0, -1.0, 2.0, 2.0],
    [-0.5, -0.5, 0.5, 0.25],
    [1.5, 1.5, 0.25, 0.25],
];

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    let rectangles = Rectangles::of(gl, gl.pair(RECTANGLE, COLOUR)?)?;
    let mut results = Vec::new();
    for target in [glow::SAMPLES_PASSED, glow::ANY_SAMPLES_PASSED] {
        for area in AREAS {
            let query = gl.create_query().map_err(Error::Gl)?;
            gl.begin_query(target, query);
            rectangles.draw(area);
            gl.end_query(target);
            results.push(gl.get_query_parameter_u32(query, glow::QUERY_RESULT));
        }
    }
    let output = Output::Bytes(results.iter().flat_map(|word| word.to_le_bytes()).collect());
    output.expect_words(&[128 * 128, 32 * 16, 0, 1, 1, 0])?;
    Ok(output)
}
