//! The samplers of a shader: their shapes and declarations.

use super::arrays::Arrays;
use super::error::Unsupported;
use super::feature;
use super::frame::Frame;
use super::key::{Compared, Numbers, Swizzle};
use super::program;
use super::registers::Registers;
use super::texture::Call;
use super::value::{Base, Value};
use crate::ir::{Detail, File, Instruction, Opcode, ReturnType, Shader, Target};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What a shape is in GLSL, and where in the coordinate its parts are.
pub(super) struct Layout {
    /// What follows `sampler`.
    name: &'static str,
    /// Components of the coordinate with the layer, and without the depth to compare.
    pub(super) coordinates: usize,
    /// Components of a position in the texture: without the layer.
    pub(super) dimensions: usize,
    /// Components of the size.
    pub(super) size: usize,
    /// Whether depth is compared.
    pub(super) shadow: bool,
    /// Whether it has levels.
    pub(super) levels: bool,
}

const fn layout(target: Target) -> Layout {
    use Target as T;
    let (name, coordinates, dimensions, size) = match target {
        T::Buffer => ("Buffer", 1, 1, 1),
        T::D1 | T::Shadow1d => ("1D", 1, 1, 1),
        T::D2 | T::Shadow2d => ("2D", 2, 2, 2),
        T::D3 => ("3D", 3, 3, 3),
        T::Cube | T::ShadowCube => ("Cube", 3, 3, 2),
        T::Rect | T::ShadowRect => ("2DRect", 2, 2, 2),
        T::D1Array | T::Shadow1dArray => ("1DArray", 2, 1, 2),
        T::D2Array | T::Shadow2dArray => ("2DArray", 3, 2, 3),
        T::D2Msaa => ("2DMS", 2, 2, 2),
        T::D2ArrayMsaa => ("2DMSArray", 3, 2, 3),
        T::CubeArray | T::ShadowCubeArray => ("CubeArray", 4, 3, 3),
    };
    let shadow = target.is_shadow();
    let flat = matches!(
        target,
        T::Buffer | T::Rect | T::ShadowRect | T::D2Msaa | T::D2ArrayMsaa
    );
    Layout {
        name,
        coordinates,
        dimensions,
        size,
        shadow,
        levels: !flat,
    }
}

/// One or more samplers that are used.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Used {
    base: Base,
    target: Target,
    length: Option<u16>,
}

/// The samplers that a shader uses.
pub(super) struct Samplers {
    /// What each declared view gives.
    views: BTreeMap<u16, Base>,
    arrays: Arrays,
    used: BTreeMap<u16, Used>,
}

impl Samplers {
    pub(super) fn new(shader: &Shader) -> Self {
        let mut views = BTreeMap::new();
        for declaration in &shader.declarations {
            let Detail::SamplerView { returns, .. } = declaration.detail else {
                continue;
            };
            let base = match returns {
                [ReturnType::Sint, ..] => Base::Int,
                [ReturnType::Uint, ..] => Base::Uint,
                _ => Base::Float,
            };
            views.extend((declaration.first..=declaration.last).map(|index| (index, base)));
        }
        Self {
            views,
            arrays: Arrays::new(shader, File::Sampler, File::SamplerView),
            used: BTreeMap::new(),
        }
    }

    /// Declares the uniforms.
    pub(super) fn write(
        &self,
        frame: &Frame<'_>,
        out: &mut String,
        binding: bool,
    ) -> Vec<program::Sampler> {
        let mut list = Vec::new();
        for (index, used) in &self.used {
            let layout = layout(used.target);
            let prefix = match used.base {
                Base::Float => "",
                Base::Int => "i",
                Base::Uint => "u",
            };
            let shadow = if layout.shadow { "Shadow" } else { "" };
            let shape = match narrow(frame, used.target) {
                Some(Narrow::LineArray) => "2DArray",
                Some(_) => "2D",
                None => layout.name,
            };
            let name = format!("{}_s{index}", frame.letters());
            let place = match binding {
                true => {
                    let place = frame.key.bindings.samplers.saturating_add(*index);
                    format!("layout(binding = {place}) ")
                }
                false => String::new(),
            };
            let length = used.length.map(|length| format!("[{length}]"));
            let length = length.unwrap_or_default();
            let _ = writeln!(
                out,
                "{place}uniform highp {prefix}sampler{shape}{shadow} {name}{length};"
            );
            let lod_bias = bias(frame, *index);
            if let Some(bias) = &lod_bias {
                let _ = writeln!(out, "uniform highp float {bias};");
            }
            list.push(program::Sampler {
                lod_bias,
                index: *index,
                length: used.length,
                name,
                target: used.target,
                numbers: match used.base {
                    Base::Float => Numbers::Float,
                    Base::Int => Numbers::Int,
                    Base::Uint => Numbers::Uint,
                },
            });
        }
        list
    }

    /// The four components that a texture operation gives.
    pub(super) fn lookup(
        &mut self,
        registers: &Registers<'_>,
        instruction: &Instruction,
    ) -> Result<Value, Unsupported> {
        let operation = Unsupported::Operation(instruction.opcode.info().name);
        let (Some(texture), Some(sampler)) = (&instruction.texture, instruction.sources.last())
        else {
            return Err(operation);
        };
        let chosen = self.arrays.choose(registers, sampler.register)?;
        let chosen = chosen.ok_or(operation)?;
        let target = texture.target.ok_or(operation)?;
        let layout = layout(target);
        let base = match layout.shadow {
            true => Base::Float,
            // Without a view the target says all there is: floats.
            false => {
                let view = self.views.get(&chosen.first);
                view.copied().unwrap_or(Base::Float)
            }
        };
        check_shape(&registers.frame, target)?;
        let used = Used {
            base,
            target,
            length: chosen.length,
        };
        if *self.used.entry(chosen.first).or_insert(used) != used {
            return Err(Unsupported::SamplerType);
        }
        let letters = registers.frame.letters();
        let call = Call {
            registers,
            instruction,
            layout,
            target,
            sampler: format!("{letters}_s{}{}", chosen.first, chosen.index),
            base,
            narrow: narrow(&registers.frame, target),
            clamped: clamped(&registers.frame, target, chosen.first),
            bias: bias(&registers.frame, chosen.first),
        };
        let value = call.value()?;
        let key = &registers.frame.key;
        Ok(match (target, call.compares()) {
            (Target::Buffer, _) if instruction.opcode == Opcode::Txf => {
                of_texel(value, &key.texel_buffers, chosen.first)
            }
            (_, true) => swizzled(value, &key.shadows, chosen.first),
            _ => value,
        })
    }
}

/// The uniform that is added to the level of detail, if one is.
fn bias(frame: &Frame<'_>, sampler: u16) -> Option<String> {
    let biased = frame.key.lod_biased.checked_shr(sampler.into());
    let is_biased = biased.unwrap_or(0) & 1 != 0;
    is_biased.then(|| format!("{}_lod_bias{sampler}", frame.letters()))
}

/// The directions in which the coordinate is clamped; none where no coordinate is a direction
/// of its own.
fn clamped(frame: &Frame<'_>, target: Target, sampler: u16) -> [bool; 3] {
    use Target as T;
    let is_cube = matches!(
        target,
        T::Cube | T::CubeArray | T::ShadowCube | T::ShadowCubeArray
    );
    let clamped = frame.key.clamped.get(usize::from(sampler)).copied();
    match is_cube {
        true => [false; 3],
        false => clamped.unwrap_or_default(),
    }
}

/// The result of a comparison in the places that the key says.
fn swizzled(value: Value, shadows: &[[Compared; 4]; 32], sampler: u16) -> Value {
    let swizzle = shadows.get(usize::from(sampler));
    let Some(swizzle) = swizzle.filter(|swizzle| **swizzle != [Compared::Result; 4]) else {
        return value;
    };
    let letters: String = swizzle
        .iter()
        .map(|one| match one {
            Compared::Result => 'x',
            Compared::Zero => 'y',
            Compared::One => 'z',
        })
        .collect();
    let text = format!("vec3({}, 0.0, 1.0).{letters}", value.text);
    Value::new(Base::Float, 4, text)
}

/// The components of a buffer's texel in the places that the key says.
fn of_texel(value: Value, swizzles: &[[Swizzle; 4]; 32], sampler: u16) -> Value {
    use Swizzle::{One, W, X, Y, Z, Zero};
    let swizzle = swizzles.get(usize::from(sampler));
    let Some(swizzle) = swizzle.filter(|swizzle| **swizzle != [X, Y, Z, W]) else {
        return value;
    };
    let (zero, one) = match value.base {
        Base::Float => ("0.0", "1.0"),
        Base::Int => ("0", "1"),
        Base::Uint => ("0u", "1u"),
    };
    let texel = &value.text;
    let parts = swizzle.map(|component| match component {
        X => format!("{texel}.x"),
        Y => format!("{texel}.y"),
        Z => format!("{texel}.z"),
        W => format!("{texel}.w"),
        Zero => zero.to_owned(),
        One => one.to_owned(),
    });
    let text = format!("{}({})", value.base.vector(4), parts.join(", "));
    Value::new(value.base, 4, text)
}

/// A shape that OpenGL ES does not have, and two dimensions stand in for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Narrow {
    /// One dimension: the other is 1.
    Line,
    /// An array of those.
    LineArray,
    /// A rectangle: its coordinates count texels.
    Rectangle,
}

/// What stands in for the shape, if anything does.
pub(super) fn narrow(frame: &Frame<'_>, target: Target) -> Option<Narrow> {
    use Target as T;
    let shape = match target {
        T::D1 | T::Shadow1d => Narrow::Line,
        T::D1Array | T::Shadow1dArray => Narrow::LineArray,
        T::Rect | T::ShadowRect => Narrow::Rectangle,
        _ => return None,
    };
    frame.language.is_es().then_some(shape)
}

/// The target has textures of this shape.
fn check_shape(frame: &Frame<'_>, target: Target) -> Result<(), Unsupported> {
    use Target as T;
    match target {
        T::CubeArray | T::ShadowCubeArray => frame.needs(&feature::CUBE_ARRAY),
        T::Buffer => frame.needs(&feature::BUFFER_TEXTURE),
        T::Rect | T::ShadowRect => frame.needs(&feature::RECTANGLE),
        T::D2Msaa => frame.needs(&feature::MULTISAMPLE),
        T::D2ArrayMsaa => frame.needs(&feature::MULTISAMPLE_ARRAY),
        _ => Ok(()),
    }
}
