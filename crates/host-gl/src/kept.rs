//! State that GL was told, so that it isn't told again.
//!
//! A guest binds a whole object for one thing that changes, and drivers look at what is set again
//! as if it were new. Everything here is set by the methods below alone.

use std::cell::{Cell, RefCell};

use crate::functions::Repeated;
use crate::{Current, IndexedTarget, enums as gl};

/// As many viewports as are told apart here; further ones are always told.
const VIEWPORTS: usize = 16;
/// As many colour buffers as [`Current::draw_buffers`] has.
const BUFFERS: usize = 8;

/// Of a context, which starts with nothing known.
#[derive(Default)]
pub(crate) struct Kept {
    /// Switches by [`bit`]: which are known, and which of them are on.
    switches: [Cell<u32>; 2],
    viewports: Slots<[f32; 4], VIEWPORTS>,
    depths: Slots<[f32; 2], VIEWPORTS>,
    scissors: Slots<[i32; 4], VIEWPORTS>,
    masks: Slots<[u8; 4], BUFFERS>,
    blends: Slots<bool, BUFFERS>,
    equations: Slots<[u32; 2], BUFFERS>,
    functions: Slots<[u32; 4], BUFFERS>,
    pub(crate) repeated: Repeated,
    pub(crate) bound: Bound,
}

/// More units and places than drivers have; further ones are always told.
const PLACES: usize = 256;

/// Which objects are bound where, by the ids of their handles; 0 is none.
#[derive(Default)]
pub(crate) struct Bound {
    /// By unit, the targets.
    textures: RefCell<Vec<Vec<(u32, u64)>>>,
    samplers: RefCell<Vec<Option<u64>>>,
    uniform: RefCell<Vec<Option<Part>>>,
    storage: RefCell<Vec<Option<Part>>>,
}

/// A buffer's id, the offset and the size.
type Part = (u64, isize, isize);

impl Bound {
    /// Keeps what is bound to a unit's target; whether it is news.
    pub(crate) fn texture(&self, unit: u32, target: u32, id: u64) -> bool {
        let mut units = self.textures.borrow_mut();
        let Some(unit) = place(&mut units, unit) else {
            return true;
        };
        match unit.iter_mut().find(|(of, _)| *of == target) {
            Some((_, bound)) => std::mem::replace(bound, id) != id,
            None => {
                unit.push((target, id));
                true
            }
        }
    }

    /// The same of a unit's sampler.
    pub(crate) fn sampler(&self, unit: u32, id: u64) -> bool {
        keep(&self.samplers, unit, id)
    }

    /// The same of a numbered place for a buffer. What transform feedback has belongs to an object
    /// of its own, and counters are few.
    pub(crate) fn buffer(&self, target: IndexedTarget, index: u32, part: Part) -> bool {
        match target {
            IndexedTarget::Uniform => keep(&self.uniform, index, part),
            IndexedTarget::ShaderStorage => keep(&self.storage, index, part),
            IndexedTarget::AtomicCounter | IndexedTarget::TransformFeedback => true,
        }
    }

    /// They may be anything.
    pub(crate) fn forget(&self) {
        self.textures.borrow_mut().iter_mut().for_each(Vec::clear);
        self.samplers.borrow_mut().clear();
        self.uniform.borrow_mut().clear();
        self.storage.borrow_mut().clear();
    }
}

fn keep<T: Copy + PartialEq>(slots: &RefCell<Vec<Option<T>>>, index: u32, value: T) -> bool {
    let mut slots = slots.borrow_mut();
    place(&mut slots, index).is_none_or(|slot| slot.replace(value) != Some(value))
}

fn place<T: Default>(slots: &mut Vec<T>, index: u32) -> Option<&mut T> {
    let index = index as usize;
    if index >= slots.len() && index < PLACES {
        slots.resize_with(index.saturating_add(1), T::default);
    }
    slots.get_mut(index)
}

/// A value for each number.
struct Slots<T, const N: usize>([Cell<Option<T>>; N]);

impl<T, const N: usize> Default for Slots<T, N> {
    fn default() -> Self {
        Self([const { Cell::new(None) }; N])
    }
}

impl<T: Copy + PartialEq, const N: usize> Slots<T, N> {
    /// Keeps the value; whether it is news.
    fn set(&self, index: u32, value: T) -> bool {
        let slot = self.0.get(index as usize);
        slot.is_none_or(|slot| slot.replace(Some(value)) != Some(value))
    }

    /// The same for all.
    fn set_all(&self, value: T) -> bool {
        let is_news = |slot: &Cell<_>| slot.replace(Some(value)) != Some(value);
        self.0.iter().filter(|slot| is_news(slot)).count() > 0
    }

    /// They may be anything.
    fn forget(&self) {
        self.0.iter().for_each(|slot| slot.set(None));
    }
}

impl Current<'_> {
    /// Turns a capability on, for all that have it by number, too.
    pub fn enable(&self, capability: u32) {
        if self.switches(capability, true) {
            self.gl_enable(capability);
        }
    }

    /// Turns a capability off.
    pub fn disable(&self, capability: u32) {
        if self.switches(capability, false) {
            self.gl_disable(capability);
        }
    }

    /// Whether colours are blended into a buffer.
    pub fn blend(&self, index: u32, on: bool) {
        match (self.kept().blends.set(index, on), on) {
            (true, true) => self.gl_enablei(gl::BLEND, index),
            (true, false) => self.gl_disablei(gl::BLEND, index),
            (false, _) => {}
        }
    }

    /// How colours and alpha are blended into all buffers.
    pub fn blend_equation_separate(&self, rgb: u32, alpha: u32) {
        if self.kept().equations.set_all([rgb, alpha]) {
            self.gl_blend_equation_separate(rgb, alpha);
        }
    }

    /// The same of one.
    pub fn blend_equation_separatei(&self, index: u32, rgb: u32, alpha: u32) {
        if self.kept().equations.set(index, [rgb, alpha]) {
            self.gl_blend_equation_separatei(index, rgb, alpha);
        }
    }

    /// One equation for all, which may be an advanced one.
    pub fn blend_equation(&self, mode: u32) {
        self.kept().equations.forget();
        self.gl_blend_equation(mode);
    }

    /// The factors of source and target, of colours and alpha, for all buffers.
    pub fn blend_func_separate(&self, src: u32, dst: u32, src_alpha: u32, dst_alpha: u32) {
        let factors = [src, dst, src_alpha, dst_alpha];
        if self.kept().functions.set_all(factors) {
            self.gl_blend_func_separate(src, dst, src_alpha, dst_alpha);
        }
    }

    /// The same of one.
    pub fn blend_func_separatei(&self, index: u32, [src, dst, src_alpha, dst_alpha]: [u32; 4]) {
        let factors = [src, dst, src_alpha, dst_alpha];
        if self.kept().functions.set(index, factors) {
            self.gl_blend_func_separatei(index, src, dst, src_alpha, dst_alpha);
        }
    }

    /// Which components are written, in all buffers.
    pub fn color_mask(&self, [red, green, blue, alpha]: [u8; 4]) {
        if self.kept().masks.set_all([red, green, blue, alpha]) {
            self.gl_color_mask(red, green, blue, alpha);
        }
    }

    /// The same of one.
    pub fn color_maski(&self, index: u32, [red, green, blue, alpha]: [u8; 4]) {
        if self.kept().masks.set(index, [red, green, blue, alpha]) {
            self.gl_color_maski(index, red, green, blue, alpha);
        }
    }

    /// All viewports.
    pub fn viewport(&self, x: i32, y: i32, width: i32, height: i32) {
        let all = [x, y, width, height].map(|number| number as f32);
        if self.kept().viewports.set_all(all) {
            self.gl_viewport(x, y, width, height);
        }
    }

    /// One viewport: its corner and its size.
    pub fn viewport_indexed(&self, index: u32, [x, y, width, height]: [f32; 4]) {
        if self.kept().viewports.set(index, [x, y, width, height]) {
            self.gl_viewport_indexedf(index, x, y, width, height);
        }
    }

    /// The depths of all viewports.
    pub fn depth_range(&self, [near, far]: [f32; 2]) {
        if self.kept().depths.set_all([near, far]) {
            self.gl_depth_rangef(near, far);
        }
    }

    /// Those of one.
    pub fn depth_range_indexed(&self, index: u32, [near, far]: [f32; 2]) {
        if !self.kept().depths.set(index, [near, far]) {
            return;
        }
        match self.caps().api.is_es() {
            true => self.gl_depth_range_indexedf(index, near, far),
            false => self.gl_depth_range_indexed(index, near.into(), far.into()),
        }
    }

    /// The scissors of all viewports: corner and size.
    pub fn scissor(&self, [x, y, width, height]: [i32; 4]) {
        if self.kept().scissors.set_all([x, y, width, height]) {
            self.gl_scissor(x, y, width, height);
        }
    }

    /// Those of one.
    pub fn scissor_indexed(&self, index: u32, [x, y, width, height]: [i32; 4]) {
        if self.kept().scissors.set(index, [x, y, width, height]) {
            self.gl_scissor_indexed(index, x, y, width, height);
        }
    }

    fn kept(&self) -> &Kept {
        &self.context.kept
    }

    /// Keeps a switch; whether it is news.
    fn switches(&self, capability: u32, on: bool) -> bool {
        if capability == gl::BLEND {
            return self.kept().blends.set_all(on);
        }
        let Some(bit) = bit(capability) else {
            return true;
        };
        let [known, is_on] = &self.kept().switches;
        let was = (known.get() & bit != 0).then_some(is_on.get() & bit != 0);
        known.set(known.get() | bit);
        is_on.set(match on {
            true => is_on.get() | bit,
            false => is_on.get() & !bit,
        });
        was != Some(on)
    }
}

/// The place of a capability that is kept, and is one for all viewports and buffers.
const fn bit(capability: u32) -> Option<u32> {
    let place = match capability {
        gl::CULL_FACE => 0,
        gl::DEPTH_TEST => 1,
        gl::STENCIL_TEST => 2,
        gl::DITHER => 3,
        gl::POLYGON_OFFSET_FILL => 4,
        gl::POLYGON_OFFSET_LINE => 5,
        gl::POLYGON_OFFSET_POINT => 6,
        gl::SAMPLE_ALPHA_TO_COVERAGE => 7,
        gl::SAMPLE_ALPHA_TO_ONE => 8,
        gl::COLOR_LOGIC_OP => 9,
        gl::RASTERIZER_DISCARD => 10,
        gl::DEPTH_CLAMP => 11,
        gl::MULTISAMPLE => 12,
        gl::LINE_SMOOTH => 13,
        gl::POLYGON_SMOOTH => 14,
        gl::PROGRAM_POINT_SIZE => 15,
        gl::SAMPLE_MASK => 16,
        gl::SAMPLE_SHADING => 17,
        gl::PRIMITIVE_RESTART => 18,
        gl::PRIMITIVE_RESTART_FIXED_INDEX => 19,
        gl::SCISSOR_TEST => 20,
        gl::FRAMEBUFFER_SRGB => 21,
        _ => match capability.wrapping_sub(gl::CLIP_DISTANCE0) {
            distance @ ..8 => 22 + distance,
            _ => return None,
        },
    };
    Some(1 << place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_again_is_no_news() {
        let slots: Slots<u32, 2> = Slots::default();
        assert!(slots.set(0, 7));
        assert!(!slots.set(0, 7));
        assert!(slots.set_all(7), "the other is not known");
        assert!(!slots.set_all(7));
        assert!(!slots.set(1, 7));
        assert!(slots.set(1, 8));
        assert!(slots.set_all(7));
        assert!(slots.set(2, 7) && slots.set(2, 7), "beyond what is kept");
        slots.forget();
        assert!(slots.set(0, 7));
    }

    #[test]
    fn what_is_bound_again_is_no_news() {
        let bound = Bound::default();
        assert!(bound.texture(3, gl::TEXTURE_2D, 7));
        assert!(!bound.texture(3, gl::TEXTURE_2D, 7));
        assert!(bound.texture(3, gl::TEXTURE_3D, 7));
        assert!(bound.texture(2, gl::TEXTURE_2D, 7));
        assert!(bound.texture(3, gl::TEXTURE_2D, 0));
        assert!(bound.sampler(0, 0), "not known");
        assert!(!bound.sampler(0, 0));
        assert!(bound.sampler(u32::MAX, 0) && bound.sampler(u32::MAX, 0));
        let uniform = |part| bound.buffer(IndexedTarget::Uniform, 1, part);
        assert!(uniform((5, 0, 16)));
        assert!(!uniform((5, 0, 16)));
        assert!(uniform((5, 0, 32)));
        assert!(bound.buffer(IndexedTarget::ShaderStorage, 1, (5, 0, 32)));
        bound.forget();
        assert!(uniform((5, 0, 32)));
        assert!(bound.texture(3, gl::TEXTURE_3D, 7));
    }

    #[test]
    fn switches_have_places_of_their_own() {
        let first = gl::CLIP_DISTANCE0;
        let mut all: Vec<u32> = (first..first + 8).filter_map(bit).collect();
        all.extend(
            [gl::CULL_FACE, gl::FRAMEBUFFER_SRGB, gl::SCISSOR_TEST].map(|one| bit(one).unwrap()),
        );
        let together = all.iter().fold(0u32, |bits, bit| bits | bit);
        assert_eq!(together.count_ones() as usize, all.len());
        assert_eq!(bit(gl::BLEND), None);
        assert_eq!(bit(first + 8), None);
    }
}
