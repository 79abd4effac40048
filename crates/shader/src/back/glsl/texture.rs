//! Texture look-ups and questions to textures.

use super::body::operand;
use super::error::Unsupported;
use super::feature;
use super::registers::Registers;
use super::samplers::{Layout, Narrow};
use super::target::From;
use super::value::{Base, Value};
use crate::ir::{Component, Index, Instruction, Opcode, OperandType, Target, TextureOffset};

/// One look-up on its way to an expression.
pub(super) struct Call<'a> {
    pub(super) registers: &'a Registers<'a>,
    pub(super) instruction: &'a Instruction,
    pub(super) layout: Layout,
    pub(super) target: Target,
    pub(super) sampler: String,
    pub(super) base: Base,
    pub(super) narrow: Option<Narrow>,
    /// The directions (s, t, r) in which the coordinate is clamped to the texture.
    pub(super) clamped: [bool; 3],
    /// What is added to the level of detail, if anything is.
    pub(super) bias: Option<String>,
}

impl Call<'_> {
    /// The four components that the operation gives.
    pub(super) fn value(&self) -> Result<Value, Unsupported> {
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
                let name = match frame.language.needs(&feature::QUERY_LOD)? {
                    From::Core => "textureQueryLod",
                    From::Extension => "textureQueryLOD",
                };
                let at = self.part(0, Base::Float, self.layout.dimensions)?;
                let text = format!("vec4({name}({sampler}, {at}), 0.0, 0.0)");
                return Ok(Value::new(Base::Float, 4, text));
            }
            O::Txf => self.fetch()?,
            O::Tg4 => {
                frame.needs(&feature::GATHER)?;
                self.gather()?
            }
            _ => self.sample()?,
        };
        Ok(Value::new(
            self.base,
            if self.compares() { 1 } else { 4 },
            text,
        ))
    }

    /// Whether it gives how much of a comparison passes, in one component.
    pub(super) fn compares(&self) -> bool {
        use Opcode as O;
        let asks = matches!(
            self.instruction.opcode,
            O::Txq | O::Txqs | O::Lodq | O::Txf | O::Tg4
        );
        self.layout.shadow && !asks
    }

    /// The first components of an operand.
    pub(super) fn part(
        &self,
        number: usize,
        base: Base,
        width: usize,
    ) -> Result<String, Unsupported> {
        let components: Vec<_> = Component::ALL.into_iter().take(width).collect();
        self.components(number, base, &components)
    }

    pub(super) fn components(
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
        let (level, part) = match self.narrow {
            None => (level, ""),
            Some(Narrow::Line) => (level, ".x"),
            Some(Narrow::LineArray) => (level, ".xz"),
            Some(Narrow::Rectangle) => (", 0".to_owned(), ""),
        };
        let text = format!("ivec4(textureSize({sampler}{level}){part}, {padding}{levels})");
        Ok(Value::new(Base::Int, 4, text))
    }

    fn fetch(&self) -> Result<String, Unsupported> {
        if self.layout.shadow || matches!(self.target, Target::Cube | Target::CubeArray) {
            return Err(Unsupported::Shape);
        }
        let sampler = &self.sampler;
        let at = match self.narrow {
            Some(narrow) => self.narrow_texel(narrow)?,
            None => self.part(0, Base::Int, self.layout.coordinates)?,
        };
        let multisampled = self.target.is_multisampled();
        let level = match self.layout.levels || multisampled {
            true => format!(", {}", self.components(0, Base::Int, &[Component::W])?),
            false if self.narrow.is_some() => ", 0".to_owned(),
            false => String::new(),
        };
        let (name, offset) = self.offset()?;
        Ok(format!("texelFetch{name}({sampler}, {at}{level}{offset})"))
    }

    fn gather(&self) -> Result<String, Unsupported> {
        let sampler = &self.sampler;
        let at = match self.narrow {
            Some(narrow) => self.narrow_coordinate(narrow)?,
            None => {
                let width = self.layout.coordinates;
                self.within(self.part(0, Base::Float, width)?, width)
            }
        };
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
        let component = self.registers.literal(self.instruction, 1)?;
        (component < 4)
            .then_some(component)
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
            O::Txb | O::Txl => self.biased(self.components(0, Base::Float, &[Component::W])?),
            O::Txb2 | O::Txl2 => self.biased(self.part(1, Base::Float, 1)?),
            O::Txd => {
                let (dx, dy) = (self.gradient(1)?, self.gradient(2)?);
                format!("{}, {}", self.stretched(dx), self.stretched(dy))
            }
            _ => self.own_bias().unwrap_or_default(),
        };
        self.check_function()?;
        let separator = if extra.is_empty() { "" } else { ", " };
        let (name, offset) = self.offset()?;
        let by_level = self.own_bias().is_some() && !self.derives();
        let offset_last = matches!(opcode, O::Tex | O::Tex2 | O::Txp | O::Txb | O::Txb2);
        let offset_last = offset_last && !by_level;
        let (first, last) = match offset_last {
            true => (offset, format!("{separator}{extra}")),
            false => (format!("{separator}{extra}"), offset),
        };
        let stem = match opcode {
            O::Tex | O::Tex2 if by_level => "textureLod",
            O::Txp if by_level && self.is_clamped() => "textureLod",
            O::Txp if by_level => "textureProjLod",
            O::Tex | O::Tex2 | O::Txb | O::Txb2 => "texture",
            O::Txp if self.is_clamped() => "texture",
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
        if let Some(narrow) = self.narrow {
            return Ok((self.narrow_whole(narrow, projected)?, String::new()));
        }
        if projected && !self.is_clamped() {
            return Ok((self.part(0, float, 4)?, String::new()));
        }
        let width = self.layout.coordinates;
        if projected {
            let width = match self.layout.shadow {
                true => width.max(2).saturating_add(1),
                false => width,
            };
            let (at, by) = (self.part(0, float, width)?, Component::W);
            let by = self.components(0, float, &[by])?;
            return Ok((self.within(format!("{at} / {by}"), width), String::new()));
        }
        if !self.layout.shadow {
            let at = self.part(0, float, width)?;
            return Ok((self.within(at, width), String::new()));
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
        let width = width.max(2).saturating_add(1);
        let at = self.part(0, float, width)?;
        Ok((self.within(at, width), String::new()))
    }

    pub(super) fn is_clamped(&self) -> bool {
        let mut directions = self.clamped.iter().take(self.layout.dimensions);
        directions.any(|clamped| *clamped)
    }

    /// The coordinate of this width, clamped to the texture where it has to be. A rectangle's
    /// counts texels.
    fn within(&self, at: String, width: usize) -> String {
        if !self.is_clamped() {
            return at;
        }
        let sampler = &self.sampler;
        let rectangle = matches!(self.target, Target::Rect | Target::ShadowRect);
        let bounds = (0..width).map(|place| {
            let clamped = self.clamped.get(place).copied().unwrap_or_default();
            match clamped && place < self.layout.dimensions {
                true if rectangle => {
                    let letter = if place == 0 { 'x' } else { 'y' };
                    ("0.0", format!("float(textureSize({sampler}).{letter})"))
                }
                true => ("0.0", "1.0".to_owned()),
                false => ("-3.0e38", "3.0e38".to_owned()),
            }
        });
        let (low, high): (Vec<_>, Vec<_>) = bounds.unzip();
        let kind = Base::Float.vector(width);
        let (low, high) = (low.join(", "), high.join(", "));
        format!("clamp({at}, {kind}({low}), {kind}({high}))")
    }

    /// How the coordinate changes to a neighbour.
    fn gradient(&self, number: usize) -> Result<String, Unsupported> {
        let change = self.part(number, Base::Float, self.layout.dimensions)?;
        Ok(match self.narrow {
            Some(Narrow::Rectangle) => self.in_texels(&change),
            Some(_) => format!("vec2({change}, 0.0)"),
            None => change,
        })
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
        if matches!(self.narrow, Some(Narrow::Line | Narrow::LineArray)) {
            return Ok(format!("ivec2({}, 0)", words.concat()));
        }
        Ok(format!("{}({})", Base::Int.vector(width), words.join(", ")))
    }
}
