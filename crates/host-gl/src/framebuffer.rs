use crate::garbage::Dead;
use crate::object::Handle;
use crate::texture::Texels;
use crate::{
    Box3, Current, Error, GlError, Output, Pitch, PixelFormat, Texture, TextureDesc, enums as gl,
};

/// A framebuffer, of the context that made it.
#[derive(Debug)]
pub struct Framebuffer {
    handle: Handle,
}

/// A place of a framebuffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attachment {
    /// The colour buffer with this number.
    Color(u32),
    /// Depth.
    Depth,
    /// Stencil.
    Stencil,
    /// Both.
    DepthStencil,
}

impl Attachment {
    const fn number(self) -> u32 {
        match self {
            Self::Color(index) => gl::COLOR_ATTACHMENT0.saturating_add(index),
            Self::Depth => gl::DEPTH_ATTACHMENT,
            Self::Stencil => gl::STENCIL_ATTACHMENT,
            Self::DepthStencil => gl::DEPTH_STENCIL_ATTACHMENT,
        }
    }

    /// Where a texture like this one is attached.
    pub(crate) fn of(texture: &Texture) -> Self {
        match texture.desc().texels {
            Texels::Pixels(pixel) => match pixel.format() {
                gl::DEPTH_COMPONENT => Self::Depth,
                gl::STENCIL_INDEX => Self::Stencil,
                gl::DEPTH_STENCIL => Self::DepthStencil,
                _ => Self::Color(0),
            },
            Texels::Blocks(_) => Self::Color(0),
        }
    }
}

/// Which layers of a texture are attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// All; a shader chooses.
    All,
    /// This one; of cubes, this face.
    One(u32),
}

/// A rectangle with a direction: its right edge may be left of its left one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlitRect {
    /// The corner that comes first, in pixels.
    pub from: [i32; 2],
    /// The corner opposite, in pixels.
    pub to: [i32; 2],
}

impl Current<'_> {
    /// Makes a framebuffer without attachments.
    pub fn create_framebuffer(&self) -> Framebuffer {
        let mut name = 0;
        // SAFETY: room for one name.
        unsafe { self.gl_gen_framebuffers(1, &mut name) };
        let handle = Handle::new(name, Dead::Framebuffer, self.own_owner());
        Framebuffer { handle }
    }

    /// Draws and reads go to this framebuffer; to none for none.
    pub fn bind_framebuffer(&self, framebuffer: Option<&Framebuffer>) {
        self.bind_draw_framebuffer(framebuffer);
        self.bind_read_framebuffer(framebuffer);
    }

    /// Draws go to this framebuffer.
    pub fn bind_draw_framebuffer(&self, framebuffer: Option<&Framebuffer>) {
        let name = framebuffer.map_or(0, |framebuffer| self.name(&framebuffer.handle));
        self.bind_framebuffer_name(gl::DRAW_FRAMEBUFFER, name);
    }

    /// Reads come from this framebuffer.
    pub fn bind_read_framebuffer(&self, framebuffer: Option<&Framebuffer>) {
        let name = framebuffer.map_or(0, |framebuffer| self.name(&framebuffer.handle));
        self.bind_framebuffer_name(gl::READ_FRAMEBUFFER, name);
    }

    /// Attaches a level of a texture to the framebuffer that is bound for drawing, or
    /// detaches what was there.
    pub fn attach(&self, place: Attachment, texture: Option<(&Texture, u32, Layer)>) {
        self.attach_to(gl::DRAW_FRAMEBUFFER, place, texture);
    }

    /// The same for the framebuffer that is bound for reading.
    pub fn attach_read(&self, place: Attachment, texture: Option<(&Texture, u32, Layer)>) {
        self.attach_to(gl::READ_FRAMEBUFFER, place, texture);
    }

    /// The colour buffers, at most 8, that fragment outputs go to: for each output whether
    /// to the buffer with its number or nowhere.
    pub fn draw_buffers(&self, outputs: &[bool]) {
        const MAX: usize = 8;
        let mut buffers = [gl::NONE; MAX];
        let places = (gl::COLOR_ATTACHMENT0..).zip(outputs).zip(&mut buffers);
        for ((place, used), buffer) in places {
            *buffer = if *used { place } else { gl::NONE };
        }
        let count = outputs.len().min(MAX);
        // SAFETY: `count` is at most the array's length, and fits.
        unsafe { self.gl_draw_buffers(count as i32, buffers.as_ptr()) };
    }

    /// The colour buffer that reads come from.
    pub fn read_color(&self, index: Option<u32>) {
        let place = index.map_or(gl::NONE, |index| {
            gl::COLOR_ATTACHMENT0.saturating_add(index)
        });
        self.gl_read_buffer(place);
    }

    /// The size of a framebuffer without attachments: width, height, layers, samples.
    pub fn framebuffer_default_size(&self, [width, height, layers, samples]: [u32; 4]) {
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let set = |name, value| {
            self.gl_framebuffer_parameteri(gl::DRAW_FRAMEBUFFER, name, number(value));
        };
        set(gl::FRAMEBUFFER_DEFAULT_WIDTH, width);
        set(gl::FRAMEBUFFER_DEFAULT_HEIGHT, height);
        if self.caps().features.geometry_shader {
            set(gl::FRAMEBUFFER_DEFAULT_LAYERS, layers);
        }
        set(gl::FRAMEBUFFER_DEFAULT_SAMPLES, samples);
    }

    /// Whether the framebuffer that is bound for drawing can be drawn to.
    ///
    /// # Errors
    /// [`Error::Refused`] with the status that GL gives instead.
    pub fn check_framebuffer(&self) -> Result<(), Error> {
        match self.gl_check_framebuffer_status(gl::DRAW_FRAMEBUFFER) {
            gl::FRAMEBUFFER_COMPLETE => Ok(()),
            status => Err(Error::Refused(GlError(status))),
        }
    }

    /// Copies between the framebuffers that are bound; `mask` is `GL_COLOR_BUFFER_BIT` and
    /// its like, `filter` is `GL_NEAREST` or `GL_LINEAR`.
    pub fn blit(&self, from: BlitRect, to: BlitRect, mask: u32, filter: u32) {
        let ([from_x, from_y], [from_x2, from_y2]) = (from.from, from.to);
        let ([to_x, to_y], [to_x2, to_y2]) = (to.from, to.to);
        self.gl_blit_framebuffer(
            from_x, from_y, from_x2, from_y2, to_x, to_y, to_x2, to_y2, mask, filter,
        );
    }

    /// Reads a rectangle of the framebuffer that is bound for reading into `data`, without
    /// gaps between rows.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if `data` is too short; [`Error::Refused`]
    pub fn read_pixels(
        &self,
        [x, y]: [i32; 2],
        [width, height]: [u32; 2],
        pixel: PixelFormat,
        data: &mut [u8],
    ) -> Result<(), Error> {
        let size = pixel.image_bytes(width, height, 1).unwrap_or(u64::MAX);
        let len = data.len() as u64;
        if size > len {
            return Err(Error::OutOfRange {
                what: "pixels",
                offset: 0,
                size,
                len,
            });
        }
        self.clear_errors();
        self.read_pixels_packed([x, y], [width, height], pixel, &mut data.into())
    }

    /// The same where the pixel store has the gaps; `data` has all that it reaches.
    pub(crate) fn read_pixels_packed(
        &self,
        [x, y]: [i32; 2],
        [width, height]: [u32; 2],
        pixel: PixelFormat,
        data: &mut Output<'_>,
    ) -> Result<(), Error> {
        let number = |n: u32| i32::try_from(n).map_err(|_| Error::OutsideTexture("the size"));
        let (width, height) = (number(width)?, number(height)?);
        let data = data.start().cast();
        // SAFETY: as many bytes are mapped at `data` as the rectangle takes, by the pixel store,
        // with an alignment of 1 and no pixel buffer object bound; the caller has seen to it.
        unsafe {
            self.gl_read_pixels(x, y, width, height, pixel.format(), pixel.kind(), data);
        }
        self.check()
    }

    fn attach_to(&self, to: u32, place: Attachment, texture: Option<(&Texture, u32, Layer)>) {
        let [draw, read] = &self.context.framebuffers;
        let framebuffer = if to == gl::DRAW_FRAMEBUFFER {
            draw
        } else {
            read
        };
        let charge = texture.and_then(|(texture, ..)| texture.handle().charge());
        let held = &self.context.held;
        held.attachment(framebuffer.get(), place.number(), charge);
        let Some((texture, level, layer)) = texture else {
            self.gl_framebuffer_texture_2d(to, place.number(), gl::TEXTURE_2D, 0, 0);
            return;
        };
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let (name, place, level) = (self.name(texture.handle()), place.number(), number(level));
        let target = texture.desc().target;
        let layer = match layer {
            Layer::One(layer) => layer,
            Layer::All if is_layered(target) && self.caps().features.geometry_shader => {
                self.gl_framebuffer_texture(to, place, name, level);
                return;
            }
            Layer::All => 0,
        };
        match target {
            gl::TEXTURE_1D => self.gl_framebuffer_texture_1d(to, place, target, name, level),
            gl::TEXTURE_CUBE_MAP => {
                let face = gl::TEXTURE_CUBE_MAP_POSITIVE_X.saturating_add(layer);
                self.gl_framebuffer_texture_2d(to, place, face, name, level);
            }
            target if is_layered(target) => {
                self.gl_framebuffer_texture_layer(to, place, name, level, number(layer));
            }
            _ => self.gl_framebuffer_texture_2d(to, place, target, name, level),
        }
    }

    fn bind_framebuffer_name(&self, target: u32, name: u32) {
        let [draw, read] = &self.context.framebuffers;
        let bound = if target == gl::DRAW_FRAMEBUFFER {
            draw
        } else {
            read
        };
        if bound.replace(name) != name {
            self.gl_bind_framebuffer(target, name);
        }
    }

    /// Runs `work` with a framebuffer of our own bound, and binds what was bound again.
    fn with_scratch_framebuffer<R>(&self, work: impl FnOnce() -> R) -> R {
        let [draw, read] = &self.context.framebuffers;
        let (draw, read) = (draw.get(), read.get());
        let scratch = self
            .context
            .scratch
            .get_or_init(|| self.create_framebuffer());
        self.bind_framebuffer(Some(scratch));
        let result = work();
        self.bind_framebuffer_name(gl::DRAW_FRAMEBUFFER, draw);
        self.bind_framebuffer_name(gl::READ_FRAMEBUFFER, read);
        result
    }

    /// The same for work that reads what it attaches at `place`: what is drawn to stays bound.
    pub(crate) fn with_scratch_to_read<R>(&self, place: Attachment, work: impl FnOnce() -> R) -> R {
        let [_, read] = &self.context.framebuffers;
        let read = read.get();
        let scratch = &self.context.scratch_to_read;
        let scratch = scratch.get_or_init(|| self.create_framebuffer());
        self.bind_read_framebuffer(Some(scratch));
        let result = work();
        self.attach_read(place, None);
        self.bind_framebuffer_name(gl::READ_FRAMEBUFFER, read);
        result
    }

    /// Whether a framebuffer with the texture is complete.
    pub(crate) fn is_renderable(&self, texture: &Texture) -> bool {
        let place = Attachment::of(texture);
        self.with_scratch_framebuffer(|| {
            self.attach(place, Some((texture, 0, Layer::One(0))));
            let complete = self.check_framebuffer().is_ok();
            self.attach(place, None);
            self.clear_errors();
            complete
        })
    }

    /// Whether texels of it come back as `pixel` says, where that is asked of a framebuffer.
    pub(crate) fn is_readable(&self, texture: &Texture, pixel: PixelFormat) -> bool {
        let region = Box3 {
            origin: [0; 3],
            size: [1; 3],
        };
        self.clear_errors();
        let mut data = vec![0; usize::try_from(pixel.bytes()).unwrap_or(0)];
        let read = self.read_by_framebuffer(
            texture,
            0,
            &region,
            pixel,
            Pitch::TIGHT,
            &mut data.as_mut_slice().into(),
        );
        let is_refused = self.check().is_err();
        read.is_ok() && !is_refused
    }

    /// Where the samples of a pixel lie, each coordinate from 0 to 1, in textures with so many;
    /// nothing if there are no such textures.
    pub fn sample_positions(&self, samples: u32) -> Vec<[f32; 2]> {
        let Some(pixel) = PixelFormat::new(gl::RGBA, gl::UNSIGNED_BYTE) else {
            return Vec::new();
        };
        let desc = TextureDesc {
            target: gl::TEXTURE_2D_MULTISAMPLE,
            internal: gl::RGBA8,
            width: 1,
            height: 1,
            depth: 1,
            levels: 1,
            samples,
            texels: Texels::Pixels(pixel),
        };
        if samples > self.caps().limits.max_samples || !self.caps().features.texture_multisample {
            return Vec::new();
        }
        let Ok(texture) = self.create_texture(&desc) else {
            return Vec::new();
        };
        self.with_scratch_framebuffer(|| {
            let place = Attachment::Color(0);
            self.attach(place, Some((&texture, 0, Layer::One(0))));
            let is_complete = self.check_framebuffer().is_ok();
            let count = if is_complete {
                self.integer(gl::SAMPLES)
            } else {
                0
            };
            let positions = (0..count)
                .take(samples as usize)
                .map(|index| self.sample_position(index));
            let positions = positions.collect();
            self.attach(place, None);
            positions
        })
    }

    /// Of the framebuffer that is bound.
    fn sample_position(&self, index: u32) -> [f32; 2] {
        let mut position = [0.5; 2];
        // SAFETY: a sample's position is two floats.
        unsafe { self.gl_get_multisamplefv(gl::SAMPLE_POSITION, index, position.as_mut_ptr()) };
        position
    }

    /// Clears every sample of a texture.
    pub(crate) fn zero_samples(&self, texture: &Texture) -> Result<(), Error> {
        let place = Attachment::of(texture);
        self.with_scratch_framebuffer(|| {
            for layer in 0..texture.desc().depth {
                self.attach(place, Some((texture, 0, Layer::One(layer))));
                match place {
                    Attachment::Color(_) => self.draw_buffers(&[true]),
                    _ => self.draw_buffers(&[]),
                }
                self.zero_attachment(texture, place);
            }
            self.attach(place, None);
            self.check()
        })
    }

    fn zero_attachment(&self, texture: &Texture, place: Attachment) {
        let Texels::Pixels(pixel) = texture.desc().texels else {
            return;
        };
        match (place, pixel.format()) {
            (
                Attachment::Color(_),
                gl::RED_INTEGER
                | gl::RG_INTEGER
                | gl::RGB_INTEGER
                | gl::RGBA_INTEGER
                | gl::BGRA_INTEGER,
            ) => match pixel.kind() {
                gl::BYTE | gl::SHORT | gl::INT => self.clear_color_int(0, [0; 4]),
                _ => self.clear_color_uint(0, [0; 4]),
            },
            (Attachment::Color(_), _) => self.clear_color_float(0, [0.0; 4]),
            (Attachment::Depth, _) => self.clear_depth(0.0),
            (Attachment::Stencil, _) => self.clear_stencil_value(0),
            (Attachment::DepthStencil, _) => self.clear_bufferfi(gl::DEPTH_STENCIL, 0, 0.0, 0),
        }
    }
}

const fn is_layered(target: u32) -> bool {
    matches!(
        target,
        gl::TEXTURE_3D
            | gl::TEXTURE_CUBE_MAP
            | gl::TEXTURE_1D_ARRAY
            | gl::TEXTURE_2D_ARRAY
            | gl::TEXTURE_CUBE_MAP_ARRAY
            | gl::TEXTURE_2D_MULTISAMPLE_ARRAY
    )
}
