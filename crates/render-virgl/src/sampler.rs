//! Sampler states and sampler views.

use std::sync::{Arc, Mutex, PoisonError};

use format::{Format, Swizzle};
use host_gl::{Current, Sampler, Texels, Texture, TextureDesc, enums as gl};
use shader::back::glsl::{Compared, Swizzle as Texel};
use wire_virgl::{
    ImageFilter, MipFilter, ObjectId, SamplerState, StageSlots, TextureRange, TextureTarget,
    ViewSwizzle, Wrap,
};

use crate::depth_stencil::compare;
use crate::error::{Error, Result};
use crate::formats::HostFormat;
use crate::guest::Scope;
use crate::resource::{Resource, Storage, gl_target};
use crate::sub_context::Dirty;

/// A texel as it is.
pub(crate) const WHOLE_TEXEL: [Texel; 4] = [Texel::X, Texel::Y, Texel::Z, Texel::W];

/// How to sample.
#[derive(Debug)]
pub(crate) struct Samplers {
    state: SamplerState,
    /// GL's, one for each way in which a view needs the border.
    made: Mutex<Vec<(Border, Arc<Sampler>)>>,
    /// The directions in which shaders clamp the coordinate.
    clamped: [bool; 3],
    /// What shaders add to the level of detail: OpenGL ES has no such state.
    pub(crate) lod_bias: f32,
}

/// How GL is told of the border's colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Border {
    is_integer: bool,
    /// Which of the guest's components each of the texture's is, where the host's format is
    /// not the guest's.
    order: Option<[u8; 4]>,
    /// Whether colours stay encoded as sRGB, of a texture that would be decoded.
    skips_decode: bool,
}

impl Samplers {
    fn new(gl: &Current<'_>, state: &SamplerState) -> Self {
        Self {
            state: *state,
            made: Mutex::default(),
            clamped: state.wrap.map(|wrap| is_emulated_clamp(gl, state, wrap)),
            lod_bias: match gl.caps().api.is_es() && state.lod_bias.is_finite() {
                true => state.lod_bias,
                false => 0.0,
            },
        }
    }

    /// Whether shaders add something to the level of detail.
    fn is_biased(&self) -> bool {
        self.lod_bias != 0.0
    }

    /// For this view, made with the first use.
    pub(crate) fn of(&self, gl: &Current<'_>, view: &SamplerView) -> Arc<Sampler> {
        let border = match has_border(&self.state) && gl.caps().features.border_color {
            true => view.border,
            false => Border {
                skips_decode: view.border.skips_decode,
                ..Border::default()
            },
        };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, sampler)) = made.iter().find(|(one, _)| *one == border) {
            return Arc::clone(sampler);
        }
        let sampler = Arc::new(gl.create_sampler());
        set_sampler(gl, &sampler, &self.state);
        if gl.caps().features.border_color {
            let color = self.state.border_color;
            let component = |index: u8| color.get(usize::from(index)).copied().unwrap_or_default();
            let color = border.order.map_or(color, |order| order.map(component));
            gl.sampler_border(&sampler, color, border.is_integer);
        }
        if border.skips_decode {
            let skip = gl::SKIP_DECODE_EXT;
            gl.sampler_parameter(&sampler, gl::TEXTURE_SRGB_DECODE_EXT, skip);
        }
        made.push((border, Arc::clone(&sampler)));
        sampler
    }
}

/// Whether texels beside the texture may be looked up.
fn has_border(state: &SamplerState) -> bool {
    let is_inside = |wrap: &Wrap| {
        matches!(
            wrap,
            Wrap::Repeat | Wrap::ClampToEdge | Wrap::MirrorRepeat | Wrap::MirrorClampToEdge
        )
    };
    !state.wrap.iter().all(is_inside)
}

/// Whether the wrap is `GL_CLAMP` with a filter that shows the border, which the core profile
/// does not have: shaders clamp the coordinate then, and half of the texels at the edge are the
/// border's.
fn is_emulated_clamp(gl: &Current<'_>, state: &SamplerState, wrap: Wrap) -> bool {
    let is_linear =
        state.min_filter == ImageFilter::Linear || state.mag_filter == ImageFilter::Linear;
    wrap == Wrap::Clamp && is_linear && gl.caps().features.border_color
}

/// A resource to be sampled.
#[derive(Debug)]
pub(crate) struct SamplerView {
    pub(crate) texture: Arc<Texture>,
    /// The same without a swizzle, where depth is compared: GLSL's result is the first
    /// component alone, which the view may have made something else.
    compared: Option<Arc<Texture>>,
    /// What a comparison gives in each component.
    pub(crate) shadow: [Compared; 4],
    /// What each component is of a buffer's texel.
    texel: [Texel; 4],
    border: Border,
    /// Of a buffer texture.
    pub(crate) buffer: Option<Arc<Resource>>,
    /// Parameters to set with each use, where the texture is the resource's own and other
    /// views share it.
    shared: Option<Vec<(u32, u32)>>,
}

impl SamplerView {
    /// The texture, made to look as the view says; to a shadow target, as it is.
    pub(crate) fn prepare(&self, gl: &Current<'_>, is_shadow: bool) -> &Texture {
        for (name, value) in self.shared.iter().flatten() {
            let value = match *name {
                gl::TEXTURE_SWIZZLE_R if is_shadow => gl::RED,
                _ => *value,
            };
            gl.texture_parameter(&self.texture, *name, value);
        }
        match &self.compared {
            Some(compared) if is_shadow => compared,
            _ => &self.texture,
        }
    }

    /// Whether GL has samplers for it.
    pub(crate) fn has_sampler(&self) -> bool {
        !matches!(
            self.texture.desc().target,
            gl::TEXTURE_BUFFER | gl::TEXTURE_2D_MULTISAMPLE | gl::TEXTURE_2D_MULTISAMPLE_ARRAY
        )
    }
}

impl Scope<'_> {
    pub(crate) fn new_sampler_state(&self, state: &SamplerState) -> Samplers {
        Samplers::new(self.gl, state)
    }

    pub(crate) fn new_sampler_view(&self, new: &wire_virgl::SamplerView) -> Result<SamplerView> {
        let resource = self.resource(new.resource)?;
        let format = Format::from_wire(new.format.number());
        let format = format.ok_or(Error::Misbehaved("a sampler view's format is unknown"))?;
        match &resource.storage {
            Storage::Buffer(_) => self.buffer_view(&resource, format, new),
            Storage::Texture(_) => self.texture_view(&resource, format, new),
            Storage::System(_) => Err(Error::Misbehaved("a sampler view of a staging buffer")),
        }
    }

    pub(crate) fn set_sampler_views(&mut self, set: &StageSlots<Option<ObjectId>>) -> Result<()> {
        let objects = &self.state.objects;
        let views = set.slots.values.iter().map(|id| {
            id.map(|id| objects.sampler_view(id).map(Arc::clone))
                .transpose()
        });
        let views = views.collect::<Result<Vec<_>>>()?;
        let stage = self.state.stage_mut(set.stage);
        let looks = |view: Option<&Arc<SamplerView>>| {
            let none = ([Compared::Result; 4], WHOLE_TEXEL);
            view.map_or(none, |view| (view.shadow, view.texel))
        };
        // What is beyond the command's slots stays.
        if place_and_compare(&mut stage.views, set.slots.start, views, looks) {
            self.state.dirty |= Dirty::PROGRAM;
        }
        self.state.dirty |= Dirty::RESOURCES;
        Ok(())
    }

    pub(crate) fn bind_sampler_states(&mut self, set: &StageSlots<Option<ObjectId>>) -> Result<()> {
        let objects = &self.state.objects;
        let states = set.slots.values.iter().map(|id| {
            id.map(|id| objects.sampler_state(id).map(Arc::clone))
                .transpose()
        });
        let states = states.collect::<Result<Vec<_>>>()?;
        let stage = self.state.stage_mut(set.stage);
        let looks = |samplers: Option<&Arc<Samplers>>| {
            samplers.map_or(([false; 3], false), |one| (one.clamped, one.is_biased()))
        };
        if place_and_compare(&mut stage.samplers, set.slots.start, states, looks) {
            self.state.dirty |= Dirty::PROGRAM;
        }
        self.state.dirty |= Dirty::RESOURCES;
        Ok(())
    }

    /// Whether a view without sRGB shows blocks with it: not all such blocks have views
    /// (OpenGL 4.6, table 8.22), and a sampler does for all.
    fn skips_decode(&self, own: &Texture, format: Format, own_format: Format) -> bool {
        let has_switch = self.gl.caps().extensions.has("GL_EXT_texture_sRGB_decode");
        let is_blocks = matches!(own.desc().texels, Texels::Blocks(_));
        has_switch && is_blocks && own_format.is_srgb() && !format.is_srgb()
    }

    fn buffer_view(
        &self,
        resource: &Arc<Resource>,
        format: Format,
        new: &wire_virgl::SamplerView,
    ) -> Result<SamplerView> {
        let host = self
            .formats()
            .of(format)
            .ok_or(Error::Unsupported("a texel's format"))?;
        let bytes = u64::from(format.description().block.bytes);
        let buffer = resource.buffer()?;
        let range = new.range.as_buffer();
        let start = u64::from(range.first).saturating_mul(bytes);
        let count = u64::from(range.last)
            .saturating_sub(range.first.into())
            .saturating_add(1);
        let left = buffer.size().saturating_sub(start);
        let size = count
            .saturating_mul(bytes)
            .min(left - left.checked_rem(bytes).unwrap_or(0));
        let texture =
            self.gl
                .create_buffer_texture(buffer, host.gl.internal, host.texels, start, size)?;
        let border = Border::default();
        Ok(SamplerView {
            texture: Arc::new(texture),
            compared: None,
            shadow: [Compared::Result; 4],
            texel: texel(new, host),
            border,
            buffer: Some(Arc::clone(resource)),
            shared: None,
        })
    }

    fn texture_view(
        &self,
        resource: &Resource,
        format: Format,
        new: &wire_virgl::SamplerView,
    ) -> Result<SamplerView> {
        let own = resource.texture()?;
        let own_format = resource.spec.format.unwrap_or(format);
        let host = self
            .formats()
            .of(format)
            .or_else(|| self.formats().of(own_format));
        let host = host.ok_or(Error::Unsupported("a sampler view's format"))?;
        let range = clamp(new.range.as_texture(), own)?;
        let description = format.description();
        let stencil = description.has_stencil() && !description.has_depth();
        let reordered = is_reordered(format, own_format);
        let mut parameters = swizzle(new, host, reordered);
        if self.gl.caps().features.stencil_texturing && own_format.description().has_depth() {
            let mode = if stencil {
                gl::STENCIL_INDEX
            } else {
                gl::DEPTH_COMPONENT
            };
            parameters.push((gl::DEPTH_STENCIL_TEXTURE_MODE, mode));
        }
        let order = match reordered {
            true => [2, 1, 0, 3],
            false => host.order(),
        };
        let border = Border {
            is_integer: description.is_integer() || stencil,
            order: Some(order).filter(|order| *order != [0, 1, 2, 3]),
            skips_decode: self.skips_decode(own, format, own_format),
        };
        let shadow = match description.has_depth() {
            true => new.swizzle.map(compared),
            false => [Compared::Result; 4],
        };
        if !self.gl.caps().features.texture_view {
            let (first, last) = (range.first_level.into(), range.last_level.into());
            parameters.extend([
                (gl::TEXTURE_BASE_LEVEL, first),
                (gl::TEXTURE_MAX_LEVEL, last),
            ]);
            let texture = Arc::clone(own);
            return Ok(SamplerView {
                texture,
                compared: None,
                shadow,
                texel: WHOLE_TEXEL,
                border,
                buffer: None,
                shared: Some(parameters),
            });
        }
        let internal = if self.formats().of(format).is_some()
            && !own_format.description().has_depth()
            && !border.skips_decode
        {
            host.gl.internal
        } else {
            own.desc().internal
        };
        let desc = view_desc(own, internal, new.target, range, self.gl.caps().api.is_es());
        let (level, layer) = (range.first_level.into(), range.first_layer.into());
        let texture = self.gl.create_view(own, &desc, level, layer)?;
        for (name, value) in parameters {
            self.gl.texture_parameter(&texture, name, value);
        }
        let is_moved = shadow[0] != Compared::Result;
        let plain = is_moved.then(|| self.gl.create_view(own, &desc, level, layer));
        Ok(SamplerView {
            texture: Arc::new(texture),
            compared: plain.transpose()?.map(Arc::new),
            shadow,
            texel: WHOLE_TEXEL,
            border,
            buffer: None,
            shared: None,
        })
    }
}

/// The directions in which the coordinate for each sampler is clamped.
pub(crate) fn clamped(samplers: &[Option<Arc<Samplers>>]) -> [[bool; 3]; 32] {
    let mut clamped = [[false; 3]; 32];
    for (clamped, sampler) in clamped.iter_mut().zip(samplers) {
        if let Some(sampler) = sampler {
            *clamped = sampler.clamped;
        }
    }
    clamped
}

/// The samplers at which something is added to the level of detail, one bit each.
pub(crate) fn lod_biased(samplers: &[Option<Arc<Samplers>>]) -> u32 {
    let is_biased = |slot: &Option<Arc<Samplers>>| slot.as_ref().is_some_and(|one| one.is_biased());
    let slots = samplers.iter().take(32).enumerate();
    slots
        .filter(|(_, slot)| is_biased(slot))
        .fold(0, |mask, (index, _)| mask | 1 << index)
}

/// What comparing with each view gives.
pub(crate) fn shadows(views: &[Option<Arc<SamplerView>>]) -> [[Compared; 4]; 32] {
    let mut shadows = [[Compared::Result; 4]; 32];
    for (shadow, view) in shadows.iter_mut().zip(views) {
        if let Some(view) = view {
            *shadow = view.shadow;
        }
    }
    shadows
}

/// What each component is of the texels of each buffer.
pub(crate) fn texels(views: &[Option<Arc<SamplerView>>]) -> [[Texel; 4]; 32] {
    let mut texels = [WHOLE_TEXEL; 32];
    for (texel, view) in texels.iter_mut().zip(views) {
        if let Some(view) = view {
            *texel = view.texel;
        }
    }
    texels
}

/// The guest's swizzle behind the format's, where GL has none.
fn texel(view: &wire_virgl::SamplerView, host: &HostFormat) -> [Texel; 4] {
    let [red, green, blue, alpha] = host.gl.swizzle;
    let component = |one: ViewSwizzle| match one {
        ViewSwizzle::Red => part(red),
        ViewSwizzle::Green => part(green),
        ViewSwizzle::Blue => part(blue),
        ViewSwizzle::Alpha => part(alpha),
        ViewSwizzle::Zero => Texel::Zero,
        ViewSwizzle::One => Texel::One,
    };
    view.swizzle.map(component)
}

const fn part(swizzle: Swizzle) -> Texel {
    match swizzle {
        Swizzle::X => Texel::X,
        Swizzle::Y => Texel::Y,
        Swizzle::Z => Texel::Z,
        Swizzle::W => Texel::W,
        Swizzle::Zero | Swizzle::None => Texel::Zero,
        Swizzle::One => Texel::One,
    }
}

/// Depth is one component, and alpha is one.
const fn compared(swizzle: ViewSwizzle) -> Compared {
    match swizzle {
        ViewSwizzle::Red | ViewSwizzle::Green | ViewSwizzle::Blue => Compared::Result,
        ViewSwizzle::Zero => Compared::Zero,
        ViewSwizzle::Alpha | ViewSwizzle::One => Compared::One,
    }
}

/// Puts values into slots from `start` on.
pub(crate) fn place<T>(slots: &mut Vec<Option<T>>, start: u32, values: Vec<Option<T>>) {
    let start = start as usize;
    let end = start.saturating_add(values.len());
    if slots.len() < end {
        slots.resize_with(end, || None);
    }
    for (slot, value) in slots.iter_mut().skip(start).zip(values) {
        *slot = value;
    }
}

/// The same; whether what `seen` says of any slot is another than before.
fn place_and_compare<T, S: PartialEq>(
    slots: &mut Vec<Option<T>>,
    start: u32,
    values: Vec<Option<T>>,
    seen: impl Fn(Option<&T>) -> S,
) -> bool {
    let old = |index| slots.get((start as usize).saturating_add(index));
    let differs = |(index, new): (usize, &Option<T>)| {
        seen(old(index).and_then(Option::as_ref)) != seen(new.as_ref())
    };
    let differ = values.iter().enumerate().any(differs);
    place(slots, start, values);
    differ
}

/// The levels and layers that there are.
fn clamp(range: TextureRange, texture: &Texture) -> Result<TextureRange> {
    let desc = texture.desc();
    let layers = if desc.target == gl::TEXTURE_3D {
        1
    } else {
        desc.depth
    };
    let last = |last: u32, count: u32| last.min(count.saturating_sub(1));
    let range = TextureRange {
        last_level: last(range.last_level.into(), desc.levels) as u8,
        last_layer: last(range.last_layer.into(), layers) as u16,
        ..range
    };
    match range.first_level <= range.last_level && range.first_layer <= range.last_layer {
        true => Ok(range),
        false => Err(Error::Outside("a sampler view")),
    }
}

fn view_desc(
    own: &Texture,
    internal: u32,
    target: TextureTarget,
    range: TextureRange,
    is_es: bool,
) -> TextureDesc {
    let desc = *own.desc();
    let target = match target {
        TextureTarget::Buffer => desc.target,
        target => gl_target(target, desc.samples, is_es),
    };
    let layers = u32::from(range.last_layer.saturating_sub(range.first_layer)).saturating_add(1);
    let [width, height, depth] = own.level_size(range.first_level.into()).unwrap_or([1; 3]);
    let depth = match (target, desc.target) {
        (gl::TEXTURE_3D, _) => depth,
        (gl::TEXTURE_CUBE_MAP, _) => 6,
        (
            gl::TEXTURE_1D | gl::TEXTURE_2D | gl::TEXTURE_RECTANGLE | gl::TEXTURE_2D_MULTISAMPLE,
            _,
        ) => 1,
        (_, gl::TEXTURE_3D) => 1,
        _ => layers,
    };
    let levels = u32::from(range.last_level.saturating_sub(range.first_level)).saturating_add(1);
    TextureDesc {
        target,
        internal,
        width,
        height,
        depth,
        levels,
        ..desc
    }
}

/// Whether red and blue of the view are the other way round than in the texture.
fn is_reordered(view: Format, own: Format) -> bool {
    let is_bgr = |format: Format| {
        let description = format.description();
        matches!(description.swizzle, [Swizzle::Z, Swizzle::Y, Swizzle::X, _])
    };
    let bits = |format: Format| {
        format
            .description()
            .channels
            .iter()
            .map(|c| c.bits)
            .sum::<u8>()
    };
    view != own && bits(view) == 32 && bits(own) == 32 && is_bgr(view) != is_bgr(own)
}

/// The guest's swizzle behind the format's.
fn swizzle(view: &wire_virgl::SamplerView, host: &HostFormat, reordered: bool) -> Vec<(u32, u32)> {
    let names = [
        gl::TEXTURE_SWIZZLE_R,
        gl::TEXTURE_SWIZZLE_G,
        gl::TEXTURE_SWIZZLE_B,
        gl::TEXTURE_SWIZZLE_A,
    ];
    let [r, g, b, a] = host.gl.swizzle;
    let own = if reordered {
        [b, g, r, a]
    } else {
        [r, g, b, a]
    };
    let component = |one: ViewSwizzle| match one {
        ViewSwizzle::Red => channel(own[0]),
        ViewSwizzle::Green => channel(own[1]),
        ViewSwizzle::Blue => channel(own[2]),
        ViewSwizzle::Alpha => channel(own[3]),
        ViewSwizzle::Zero => gl::ZERO,
        ViewSwizzle::One => gl::ONE,
    };
    names.into_iter().zip(view.swizzle.map(component)).collect()
}

pub(crate) const fn channel(swizzle: Swizzle) -> u32 {
    match swizzle {
        Swizzle::X => gl::RED,
        Swizzle::Y => gl::GREEN,
        Swizzle::Z => gl::BLUE,
        Swizzle::W => gl::ALPHA,
        Swizzle::Zero | Swizzle::None => gl::ZERO,
        Swizzle::One => gl::ONE,
    }
}

fn set_sampler(gl: &Current<'_>, sampler: &Sampler, state: &SamplerState) {
    let wraps = [gl::TEXTURE_WRAP_S, gl::TEXTURE_WRAP_T, gl::TEXTURE_WRAP_R];
    for (name, wrap) in wraps.into_iter().zip(state.wrap) {
        let wrap = match is_emulated_clamp(gl, state, wrap) {
            true => gl::CLAMP_TO_BORDER,
            false => wrap_of(gl, wrap),
        };
        gl.sampler_parameter(sampler, name, wrap);
    }
    gl.sampler_parameter(sampler, gl::TEXTURE_MIN_FILTER, min_filter(state));
    gl.sampler_parameter(
        sampler,
        gl::TEXTURE_MAG_FILTER,
        match state.mag_filter {
            ImageFilter::Nearest => gl::NEAREST,
            ImageFilter::Linear => gl::LINEAR,
        },
    );
    gl.sampler_parameter_float(sampler, gl::TEXTURE_MIN_LOD, state.min_lod);
    gl.sampler_parameter_float(sampler, gl::TEXTURE_MAX_LOD, state.max_lod);
    let mode = if state.compare {
        gl::COMPARE_REF_TO_TEXTURE
    } else {
        gl::NONE
    };
    gl.sampler_parameter(sampler, gl::TEXTURE_COMPARE_MODE, mode);
    gl.sampler_parameter(
        sampler,
        gl::TEXTURE_COMPARE_FUNC,
        compare(state.compare_func),
    );
    if !gl.caps().api.is_es() {
        gl.sampler_parameter_float(sampler, gl::TEXTURE_LOD_BIAS, state.lod_bias);
    }
    if gl.caps().features.anisotropy && state.max_anisotropy > 1 {
        let samples = f32::from(state.max_anisotropy);
        gl.sampler_parameter_float(sampler, gl::TEXTURE_MAX_ANISOTROPY, samples);
    }
    if gl.caps().features.seamless_cubemap_per_texture {
        let seamless = state.seamless_cube_map.into();
        gl.sampler_parameter(sampler, gl::TEXTURE_CUBE_MAP_SEAMLESS, seamless);
    }
}

/// `GL_CLAMP` is none of the core profile's; without a linear filter, it does not differ from
/// its nearest relative.
fn wrap_of(gl: &Current<'_>, wrap: Wrap) -> u32 {
    let features = &gl.caps().features;
    match wrap {
        Wrap::Repeat => gl::REPEAT,
        Wrap::Clamp | Wrap::ClampToEdge => gl::CLAMP_TO_EDGE,
        Wrap::ClampToBorder if features.border_color => gl::CLAMP_TO_BORDER,
        Wrap::ClampToBorder => gl::CLAMP_TO_EDGE,
        Wrap::MirrorRepeat => gl::MIRRORED_REPEAT,
        Wrap::MirrorClamp if features.mirror_clamp => gl::MIRROR_CLAMP_EXT,
        Wrap::MirrorClampToBorder if features.mirror_clamp => gl::MIRROR_CLAMP_TO_BORDER_EXT,
        _ if features.mirror_clamp_to_edge => gl::MIRROR_CLAMP_TO_EDGE,
        _ => gl::MIRRORED_REPEAT,
    }
}

const fn min_filter(state: &SamplerState) -> u32 {
    use ImageFilter::{Linear, Nearest};
    match (state.min_filter, state.mip_filter) {
        (Nearest, MipFilter::None) => gl::NEAREST,
        (Linear, MipFilter::None) => gl::LINEAR,
        (Nearest, MipFilter::Nearest) => gl::NEAREST_MIPMAP_NEAREST,
        (Linear, MipFilter::Nearest) => gl::LINEAR_MIPMAP_NEAREST,
        (Nearest, MipFilter::Linear) => gl::NEAREST_MIPMAP_LINEAR,
        (Linear, MipFilter::Linear) => gl::LINEAR_MIPMAP_LINEAR,
    }
}
