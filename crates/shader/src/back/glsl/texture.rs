//! Texture look-ups and questions to textures.

use super::arrays::Arrays;
use super::body::operand;
use super::error::Unsupported;
use super::feature;
use super::frame::Frame;
use super::key::Numbers;
use super::program;
use super::registers::Registers;
use super::value::{Base, Value};
use crate::ir::{
    Component, Detail, File, Index, Instruction, Opcode, OperandType, ReturnType, Shader, Target,
    TextureOffset,
};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What a shape is in GLSL, and where in the coordinate its parts are.
struct Layout {
    /// What follows `sampler`.
    name: &'static str,
    /// Components of the coordinate with the layer, and without the depth to compare.
    coordinates: usize,
    /// Components of a position in the texture: without the layer.
    dimensions: usize,
    /// Components of the size.
    size: usize,
    /// Whether depth is compared.
    shadow: bool,
    /// Whether it has levels.
    levels: bool,
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
    let shadow = matches!(
        target,
        T::Shadow1d
            | T::Shadow2d
            | T::ShadowRect
            | T::Shadow1dArray
            | T::Shadow2dArray
            | T::ShadowCube
            | T::ShadowCubeArray
    );
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

/// One look-up on its way to an expression.
struct Call<'a> {
    registers: &'a Registers<'a>,
    instruction: &'a Instruction,
    layout: Layout,
    target: Target,
    sampler: String,
    base: Base,
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
            let shape = layout.name;
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
            list.push(program::Sampler {
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
        };
        call.value()
    }
}

/// The target has textures of this shape.
fn check_shape(frame: &Frame<'_>, target: Target) -> Result<(), Unsupported> {
    use Target as T;
    match target {
        T::CubeArray | T::ShadowCubeArray => frame.needs(&feature::CUBE_ARRAY),
        T::D1 | T::D1Array | T::Shadow1d | T::Shadow1dArray | T::Rect | T::ShadowRect => {
            frame.needs(&feature::DESKTOP_SHAPE)
        }
        T::Buffer => frame.needs(&feature::BUFFER_TEXTURE),
        T::D2Msaa => frame.needs(&feature::MULTISAMPLE),
        T::D2ArrayMsaa => frame.needs(&feature::MULTISAMPLE_ARRAY),
        _ => Ok(()),
    }
}

impl Call<'_> {
    fn value(&self) -> Result<Value, Unsupported> {
        use Opcode as O;
        let sampler = &self.sampler;
        let frame = &self.registers.frame;
        let text = match self.instruction.opcode {
            O::Txq => return self.size(),
            O::Txqs => {
                frame.needs(&feature::TEXTURE_SAMPLES)?;
                return Ok(Value::new(
                    Base::Int,
                    1,
                    format!("textureSamples({sampler})"),
                ));
            }
            O::Lodq => {
                frame.needs(&feature::QUERY_LOD)?;
                let at = self.part(0, Base::Float, self.layout.dimensions)?;
                let text = format!("vec4(textureQueryLod({sampler}, {at}), 0.0, 0.0)");
                return Ok(Value::new(Base::Float, 4, text));
            }
            O::Txf => self.fetch()?,
            O::Tg4 => {
                frame.needs(&feature::GATHER)?;
                self.gather()?
            }
            _ => self.sample()?,
        };
        let scalar = self.layout.shadow && self.instruction.opcode != O::Tg4;
        Ok(Value::new(self.base, if scalar { 1 } else { 4 }, text))
    }

    /// The first components of an operand.
    fn part(&self, number: usize, base: Base, width: usize) -> Result<String, Unsupported> {
        let components: Vec<_> = Component::ALL.into_iter().take(width).collect();
        self.components(number, base, &components)
    }

    fn components(
        &self,
        number: usize,
        base: Base,
        components: &[Component],
    ) -> Result<String, Unsupported> {
        let info = self.instruction.opcode.info();
        let operation = Unsupported::Operation(info.name);
        let source = self.instruction.sources.get(number).ok_or(operation)?;
        let kind = match base {
            Base::Float => OperandType::Float,
            _ => OperandType::Int,
        };
        Ok(operand(self.registers, source, kind, base, components)?.text)
    }

    /// Sizes in x, y and z, the number of levels in w. The question for levels is asked
    /// only where it is wanted, as it is newer.
    fn size(&self) -> Result<Value, Unsupported> {
        let sampler = &self.sampler;
        let level = match self.layout.levels {
            true => format!(", {}", self.part(0, Base::Int, 1)?),
            false => String::new(),
        };
        let destination = self.instruction.destinations.first();
        let wanted = destination.is_some_and(|one| one.mask.has(Component::W));
        let levels = match wanted && self.layout.levels {
            true => {
                self.registers.frame.needs(&feature::QUERY_LEVELS)?;
                format!("textureQueryLevels({sampler})")
            }
            false => "0".to_owned(),
        };
        let padding = "0, ".repeat(3_usize.saturating_sub(self.layout.size));
        let text = format!("ivec4(textureSize({sampler}{level}), {padding}{levels})");
        Ok(Value::new(Base::Int, 4, text))
    }

    fn fetch(&self) -> Result<String, Unsupported> {
        if self.layout.shadow || matches!(self.target, Target::Cube | Target::CubeArray) {
            return Err(Unsupported::Shape);
        }
        let sampler = &self.sampler;
        let at = self.part(0, Base::Int, self.layout.coordinates)?;
        let multisampled = matches!(self.target, Target::D2Msaa | Target::D2ArrayMsaa);
        let level = match self.layout.levels || multisampled {
            true => format!(", {}", self.components(0, Base::Int, &[Component::W])?),
            false => String::new(),
        };
        let (name, offset) = self.offset()?;
        Ok(format!("texelFetch{name}({sampler}, {at}{level}{offset})"))
    }

    fn gather(&self) -> Result<String, Unsupported> {
        let sampler = &self.sampler;
        let at = self.part(0, Base::Float, self.layout.coordinates)?;
        let last = match (self.layout.shadow, self.layout.coordinates) {
            (true, 4) => self.part(1, Base::Float, 1)?,
            (true, 3) => self.components(0, Base::Float, &[Component::W])?,
            (true, _) => self.components(0, Base::Float, &[Component::Z])?,
            (false, _) => self.gathered()?.to_string(),
        };
        let frame = &self.registers.frame;
        let offsets = match self.offsets() {
            [] => String::new(),
            [one] => {
                frame.needs(&feature::GATHER_OFFSETS)?;
                format!(", {}", self.constant(one).or_else(|_| self.computed(one))?)
            }
            list @ [_, _, _, _] => {
                frame.needs(&feature::GATHER_OFFSETS)?;
                let list = list.iter().map(|one| self.constant(one));
                let list: Vec<_> = list.collect::<Result<_, _>>()?;
                format!(", ivec2[4]({})", list.join(", "))
            }
            _ => return Err(Unsupported::Shape),
        };
        let name = match self.offsets().len() {
            0 => "",
            1 => "Offset",
            _ => "Offsets",
        };
        // What is compared comes before the offsets, the component after them.
        Ok(match self.layout.shadow {
            true => format!("textureGather{name}({sampler}, {at}, {last}{offsets})"),
            false => format!("textureGather{name}({sampler}, {at}{offsets}, {last})"),
        })
    }

    /// The component that a gather takes, 0 to 3.
    fn gathered(&self) -> Result<u32, Unsupported> {
        let source = self.instruction.sources.get(1);
        let source = source.ok_or(Unsupported::NotConstant)?;
        let Index::Direct(index) = source.register.index else {
            return Err(Unsupported::NotConstant);
        };
        let [component, ..] = source.swizzle;
        let index = u16::try_from(index).map_err(|_| Unsupported::NotConstant)?;
        let word = self
            .registers
            .immediate(source.register.file, index, component);
        let plain = !source.absolute && !source.negate;
        word.filter(|word| plain && *word < 4)
            .ok_or(Unsupported::NotConstant)
    }

    fn sample(&self) -> Result<String, Unsupported> {
        use Opcode as O;
        let opcode = self.instruction.opcode;
        let sampler = &self.sampler;
        let projected = opcode == O::Txp;
        let (at, second) = self.coordinate(projected)?;
        let rectangle = matches!(self.target, Target::Rect | Target::ShadowRect);
        let extra = match opcode {
            // A rectangle has one level, and no function to name it.
            O::Txb | O::Txl | O::Txb2 | O::Txl2 if rectangle => String::new(),
            O::Txb | O::Txl => self.components(0, Base::Float, &[Component::W])?,
            O::Txb2 | O::Txl2 => self.part(1, Base::Float, 1)?,
            O::Txd => {
                let dx = self.part(1, Base::Float, self.layout.dimensions)?;
                let dy = self.part(2, Base::Float, self.layout.dimensions)?;
                format!("{dx}, {dy}")
            }
            _ => String::new(),
        };
        self.check_function()?;
        let separator = if extra.is_empty() { "" } else { ", " };
        let (name, offset) = self.offset()?;
        let offset_last = matches!(opcode, O::Txb | O::Txb2);
        let (first, last) = match offset_last {
            true => (offset, format!("{separator}{extra}")),
            false => (format!("{separator}{extra}"), offset),
        };
        let stem = match opcode {
            O::Tex | O::Tex2 | O::Txb | O::Txb2 => "texture",
            O::Txp => "textureProj",
            O::Txl | O::Txl2 if rectangle => "texture",
            O::Txl | O::Txl2 => "textureLod",
            O::Txd => "textureGrad",
            other => return Err(Unsupported::Operation(other.info().name)),
        };
        Ok(format!(
            "{stem}{name}({sampler}, {at}{second}{first}{last})"
        ))
    }

    /// The coordinate with what is compared, as GLSL wants it: in its last component, or by
    /// itself for arrays of cubes.
    fn coordinate(&self, projected: bool) -> Result<(String, String), Unsupported> {
        use Opcode as O;
        let float = Base::Float;
        if projected {
            return Ok((self.part(0, float, 4)?, String::new()));
        }
        let width = self.layout.coordinates;
        if !self.layout.shadow {
            return Ok((self.part(0, float, width)?, String::new()));
        }
        if width == 4 {
            return match self.instruction.opcode {
                O::Tex2 => Ok((
                    self.part(0, float, 4)?,
                    format!(", {}", self.part(1, float, 1)?),
                )),
                _ => Err(Unsupported::Shape),
            };
        }
        // One dimension has a component to spare before what is compared.
        Ok((
            self.part(0, float, width.max(2).saturating_add(1))?,
            String::new(),
        ))
    }

    /// GLSL has a function for the operation and shape.
    fn check_function(&self) -> Result<(), Unsupported> {
        use Opcode as O;
        use Target as T;
        let rect = matches!(self.target, T::Rect | T::ShadowRect);
        let cubes = matches!(self.target, T::ShadowCubeArray);
        let deep = matches!(self.target, T::Shadow2dArray | T::ShadowCube);
        let opcode = self.instruction.opcode;
        let fits = match opcode {
            O::Txp => matches!(
                self.target,
                T::D1 | T::D2 | T::D3 | T::Rect | T::Shadow1d | T::Shadow2d | T::ShadowRect
            ),
            O::Txb | O::Txb2 | O::Txl | O::Txl2 if rect => true,
            O::Txb | O::Txb2 | O::Txl | O::Txl2 => {
                let newer = match opcode {
                    O::Txb | O::Txb2 => matches!(self.target, T::Shadow2dArray) || cubes,
                    _ => deep || cubes,
                };
                if newer {
                    self.registers.frame.needs(&feature::SHADOW_LOD)?;
                }
                !cubes && !self.w_is_taken()
            }
            O::Txd => !cubes,
            _ => true,
        };
        if fits {
            Ok(())
        } else {
            Err(Unsupported::Shape)
        }
    }

    /// Whether the w that should hold a bias or level is part of the coordinate.
    fn w_is_taken(&self) -> bool {
        let four = self
            .layout
            .coordinates
            .saturating_add(self.layout.shadow.into())
            >= 4;
        four && matches!(self.instruction.opcode, Opcode::Txb | Opcode::Txl)
    }

    fn offsets(&self) -> &[TextureOffset] {
        let texture = self.instruction.texture.as_ref();
        texture.map_or(&[], |texture| &texture.offsets)
    }

    /// What the function's name ends with, and the argument.
    fn offset(&self) -> Result<(&'static str, String), Unsupported> {
        match self.offsets() {
            [] => Ok(("", String::new())),
            [one] => Ok(("Offset", format!(", {}", self.constant(one)?))),
            _ => Err(Unsupported::Shape),
        }
    }

    /// An offset that the shader computes, which only gathers may have.
    fn computed(&self, offset: &TextureOffset) -> Result<String, Unsupported> {
        let register = crate::ir::Register {
            file: offset.file,
            dimension: None,
            index: Index::Direct(offset.index.try_into().unwrap_or(i16::MAX)),
        };
        let width = self.layout.dimensions;
        let components: Vec<_> = offset.swizzle.into_iter().take(width).collect();
        let value = self.registers.read(register, &components)?;
        Ok(value.bits_as(Base::Int).text)
    }

    /// An offset, which the language wants as a constant.
    fn constant(&self, offset: &TextureOffset) -> Result<String, Unsupported> {
        let width = self.layout.dimensions;
        let words = offset.swizzle.iter().take(width).map(|component| {
            let word = self
                .registers
                .immediate(offset.file, offset.index, *component);
            word.map(|word| word.cast_signed().to_string())
        });
        let words: Option<Vec<_>> = words.collect();
        let words = words.ok_or(Unsupported::NotConstant)?;
        Ok(format!("{}({})", Base::Int.vector(width), words.join(", ")))
    }
}
