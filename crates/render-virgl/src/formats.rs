//! Which of virgl's formats this host has, and what they are to its GL.

use format::{Format, GlFormat, Layout};
use host_gl::{Current, FormatSupport, PixelFormat, Texels};

/// What a format is on this host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HostFormat {
    /// Its numbers.
    pub(crate) gl: &'static GlFormat,
    /// How texels are moved.
    pub(crate) texels: Texels,
    /// What textures of it can do.
    pub(crate) support: FormatSupport,
}

/// All formats, by number.
#[derive(Debug)]
pub(crate) struct Formats(Vec<Option<HostFormat>>);

impl Formats {
    /// Tries every format on this context.
    pub(crate) fn probe(gl: &Current<'_>) -> Self {
        let mut formats = vec![None; Format::LAST as usize + 1];
        for format in Format::all() {
            if let Some(slot) = formats.get_mut(format.to_wire() as usize) {
                *slot = probe(gl, format);
            }
        }
        Self(formats)
    }

    /// What the format is, if textures may have it.
    pub(crate) fn of(&self, format: Format) -> Option<&HostFormat> {
        self.0.get(format.to_wire() as usize)?.as_ref()
    }
}

impl HostFormat {
    /// Whether a framebuffer may have it: also the components must be where shaders write.
    pub(crate) fn can_render(&self) -> bool {
        self.support.render && self.gl.is_in_place()
    }
}

fn probe(gl: &Current<'_>, format: Format) -> Option<HostFormat> {
    let numbers = if gl.caps().api.is_es() {
        format.gles()
    } else {
        format.gl()
    }?;
    let texels = texels_of(format, numbers)?;
    let support = gl.probe_format(numbers.internal, texels);
    support.texture.then_some(HostFormat {
        gl: numbers,
        texels,
        support,
    })
}

/// None if virgl's pixels and GL's differ in size, which would be a mistake in the table.
fn texels_of(format: Format, numbers: &GlFormat) -> Option<Texels> {
    let description = format.description();
    let block = description.block;
    let [width, height, depth, bytes] =
        [block.width, block.height, block.depth, block.bytes].map(u32::from);
    if description.layout.is_compressed() {
        return Some(Texels::Blocks([width, height, depth, bytes]));
    }
    let is_pixel = matches!(description.layout, Layout::Plain | Layout::Other);
    let pixel = PixelFormat::new(numbers.format, numbers.kind)?;
    (is_pixel && pixel.bytes() == bytes).then_some(Texels::Pixels(pixel))
}
