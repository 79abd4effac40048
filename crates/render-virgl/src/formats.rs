//! Which of virgl's formats this host has, and what they are to its GL.

use format::{Format, GlFormat, Layout, Swizzle as S};
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
    /// Whether a framebuffer may have it: its components are where shaders write, or what they
    /// write can be put there ([`HostFormat::order`]).
    pub(crate) fn can_render(&self) -> bool {
        let is_put = matches!(
            self.gl.swizzle,
            [S::X, S::X, S::X, S::One] | [S::Zero, S::Zero, S::Zero, S::X]
        );
        self.support.render && (self.gl.is_in_place() || is_put)
    }

    /// Whether a guest had better take another format: of luminance and alpha in red and green
    /// a framebuffer cannot blend alpha by an equation of its own. None is drawn to blocks.
    pub(crate) fn is_shunned(&self) -> bool {
        let is_blocks = matches!(self.texels, Texels::Blocks(_));
        self.gl.swizzle == [S::X, S::X, S::X, S::Y] && !is_blocks
    }

    /// Whether a framebuffer may have it, and holds what shaders write.
    pub(crate) fn renders_in_place(&self) -> bool {
        self.support.render && self.gl.is_in_place()
    }

    /// Which component of a colour goes into each of the texture's: the other way round than it
    /// is read. Luminance or alpha alone is red to the host; alpha stays where blending looks for
    /// it, too.
    pub(crate) fn order(&self) -> [u8; 4] {
        let place = |channel: S, own: u8| {
            let found = (0..).zip(self.gl.swizzle).find(|(_, one)| *one == channel);
            found.map_or(own, |(index, _)| index)
        };
        [
            place(S::X, 0),
            place(S::Y, 1),
            place(S::Z, 2),
            place(S::W, 3),
        ]
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
