//! Images, storage buffers, shared memory and atomic counters.

use super::arrays::{Arrays, Chosen};
use super::error::Unsupported;
use super::feature;
use super::frame::Frame;
use super::program;
use super::registers::Registers;
use super::samplers::{Narrow, narrow};
use super::value::Base;
use crate::ir::{
    Class, Detail, File, ImageFormat, Index, Instruction, MemoryQualifier, Opcode, Register,
    Shader, Target,
};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What a shader does with a resource.
#[derive(Clone, Copy, Default)]
struct Use {
    reads: bool,
    writes: bool,
    coherent: bool,
    volatile: bool,
    /// Whether every access says so.
    restrict: Option<bool>,
}

impl Use {
    fn add(&mut self, instruction: &Instruction) {
        let qualifiers = instruction.memory.map(|memory| memory.qualifiers);
        let has = |one| qualifiers.is_some_and(|qualifiers| qualifiers.has(one));
        match instruction.opcode {
            Opcode::Resq => return,
            Opcode::Load => self.reads = true,
            Opcode::Store => self.writes = true,
            _ => (self.reads, self.writes) = (true, true),
        }
        self.coherent |= has(MemoryQualifier::Coherent);
        self.volatile |= has(MemoryQualifier::Volatile);
        let restrict = has(MemoryQualifier::Restrict);
        self.restrict = Some(self.restrict.unwrap_or(true) && restrict);
    }

    fn qualifiers(self) -> String {
        let mut text = String::new();
        for (says, word) in [
            (self.coherent, "coherent "),
            (self.volatile, "volatile "),
            (self.restrict == Some(true), "restrict "),
            (!self.writes, "readonly "),
            (self.writes && !self.reads, "writeonly "),
        ] {
            if says {
                text.push_str(word);
            }
        }
        text
    }
}

/// The memory that a shader uses.
pub(super) struct Memory {
    images: Arrays,
    buffers: Arrays,
    uses: BTreeMap<(File, u16), Use>,
    lengths: BTreeMap<(File, u16), Option<u16>>,
    /// Images and buffers by their first register, with the last.
    declared: BTreeMap<(File, u16), (u16, Detail)>,
    /// Counters by their buffer and the first of a declaration, with the last.
    counters: BTreeMap<(u16, u16), u16>,
}

/// One image as it is declared.
#[derive(Clone, Copy)]
pub(super) struct ImageShape {
    pub(super) target: Target,
    /// The format that the shader names.
    declared: Option<ImageFormat>,
    /// The format that the text names.
    format: Option<ImageFormat>,
    pub(super) base: Base,
}

impl Memory {
    pub(super) fn new(shader: &Shader) -> Self {
        let mut declared = BTreeMap::new();
        let mut counters = BTreeMap::new();
        for one in &shader.declarations {
            match (one.file, one.dimension) {
                (File::Image | File::Buffer, _) => {
                    declared.insert((one.file, one.first), (one.last, one.detail));
                }
                (File::HwAtomic, Some(buffer)) => {
                    counters.insert((buffer, one.first), one.last);
                }
                _ => {}
            }
        }
        Self {
            declared,
            counters,
            images: Arrays::new(shader, File::Image, File::Image),
            buffers: Arrays::new(shader, File::Buffer, File::Buffer),
            uses: BTreeMap::new(),
            lengths: BTreeMap::new(),
        }
    }

    /// Collects how resources are used, before anything names them.
    pub(super) fn scan(&mut self, registers: &Registers<'_>) -> Result<(), Unsupported> {
        for instruction in &registers.frame.shader.instructions {
            let Some(register) = resource(instruction) else {
                continue;
            };
            if let Some(chosen) = self.choose(registers, register)? {
                let key = (register.file, chosen.first);
                self.lengths.insert(key, chosen.length);
                self.uses.entry(key).or_default().add(instruction);
            }
        }
        Ok(())
    }

    /// The image or buffer that an operand is; nothing if there is none.
    pub(super) fn choose(
        &self,
        registers: &Registers<'_>,
        register: Register,
    ) -> Result<Option<Chosen>, Unsupported> {
        let arrays = match register.file {
            File::Image => &self.images,
            File::Buffer => &self.buffers,
            _ => return Ok(None),
        };
        let Some(chosen) = arrays.choose(registers, register)? else {
            return Ok(None);
        };
        Ok(self.detail(register.file, chosen.first).map(|_| chosen))
    }

    fn detail(&self, file: File, index: u16) -> Option<Detail> {
        let below = self.declared.range((file, 0)..=(file, index));
        let (_, (last, detail)) = below.last()?;
        (*last >= index).then_some(*detail)
    }

    /// What an image is declared as.
    pub(super) fn image_shape(
        &self,
        frame: &Frame<'_>,
        index: u16,
    ) -> Result<ImageShape, Unsupported> {
        let Some(Detail::Image { target, format, .. }) = self.detail(File::Image, index) else {
            return Err(Unsupported::File(File::Image.name()));
        };
        let bound = frame.key.images.get(usize::from(index)).copied().flatten();
        // OpenGL ES wants a format, whichever where it doesn't matter.
        let any = frame.language.is_es().then_some(ImageFormat::Rgba32Float);
        let written = format.or(bound).or(any);
        let base = match written.map(layout) {
            Some((_, base, _)) => base,
            None => Base::Float,
        };
        Ok(ImageShape {
            target,
            declared: format,
            format: written,
            base,
        })
    }

    /// The counter that an operand is.
    pub(super) fn counter(
        &self,
        registers: &Registers<'_>,
        register: Register,
    ) -> Result<String, Unsupported> {
        let file = Unsupported::File(File::HwAtomic.name());
        let Some(Index::Direct(buffer)) = register.dimension else {
            return Err(Unsupported::IndirectResource);
        };
        let base = match register.index {
            Index::Direct(index) => index,
            Index::Indirect(indirect) => indirect.offset,
        };
        let (Ok(buffer), Ok(base)) = (u16::try_from(buffer), u16::try_from(base)) else {
            return Err(file);
        };
        let below = self.counters.range((buffer, 0)..=(buffer, base));
        let array = below.last().filter(|(_, last)| **last >= base);
        let ((_, first), last) = array.ok_or(file)?;
        let index = match register.index {
            Index::Direct(_) => base.to_string(),
            Index::Indirect(indirect) => {
                registers.frame.needs(&feature::RESOURCE_INDEX)?;
                registers.clamped(&indirect, *first, *last)
            }
        };
        Ok(format!("counters{buffer}[{index}]"))
    }

    /// Declares storage buffers, images, shared memory and counters.
    pub(super) fn write(
        &self,
        frame: &Frame<'_>,
        out: &mut String,
    ) -> Result<Declared, Unsupported> {
        let mut declared = Declared::default();
        let buffers = self.declared.keys().filter(|key| key.0 == File::Buffer);
        let first_buffer = buffers.map(|key| key.1).min().unwrap_or(0);
        for ((file, index), length) in &self.lengths {
            let used = self.uses.get(&(*file, *index)).copied();
            let used = used.unwrap_or_default();
            match file {
                File::Image => {
                    let shape = self.image_shape(frame, *index)?;
                    let image = write_image(frame, out, (*index, *length), used, shape)?;
                    declared.images.push(image);
                }
                _ => {
                    let slot = index.saturating_sub(first_buffer);
                    let storage = write_storage(frame, out, (*index, slot), *length, used)?;
                    declared.storage.push(storage);
                }
            }
        }
        write_shared(frame, out)?;
        declared.counters = write_counters(frame, out)?;
        Ok(declared)
    }
}

/// What was declared.
#[derive(Default)]
pub(super) struct Declared {
    pub(super) images: Vec<program::Image>,
    pub(super) storage: Vec<program::Storage>,
    pub(super) counters: Vec<program::Counters>,
}

/// The resource of a memory operation.
pub(super) fn resource(instruction: &Instruction) -> Option<Register> {
    if instruction.opcode.info().class != Class::Memory {
        return None;
    }
    if instruction.opcode == Opcode::Store {
        return instruction.destinations.first().map(|one| one.register);
    }
    instruction.sources.first().map(|one| one.register)
}

/// The layout qualifier, what components are, and whether OpenGL ES has it. GLSL 4.60,
/// 4.4.6.2, and GLSL ES 3.20, 4.4.7.
const fn layout(format: ImageFormat) -> (&'static str, Base, bool) {
    use Base::{Float, Int, Uint};
    use ImageFormat as I;
    match format {
        I::R32Float => ("r32f", Float, true),
        I::R32Uint => ("r32ui", Uint, true),
        I::R32Sint => ("r32i", Int, true),
        I::Rg32Float => ("rg32f", Float, false),
        I::Rg32Uint => ("rg32ui", Uint, false),
        I::Rg32Sint => ("rg32i", Int, false),
        I::Rgba32Float => ("rgba32f", Float, true),
        I::Rgba32Uint => ("rgba32ui", Uint, true),
        I::Rgba32Sint => ("rgba32i", Int, true),
        I::R16Float => ("r16f", Float, false),
        I::R16Uint => ("r16ui", Uint, false),
        I::R16Sint => ("r16i", Int, false),
        I::R16Unorm => ("r16", Float, false),
        I::R16Snorm => ("r16_snorm", Float, false),
        I::Rg16Float => ("rg16f", Float, false),
        I::Rg16Uint => ("rg16ui", Uint, false),
        I::Rg16Sint => ("rg16i", Int, false),
        I::Rg16Unorm => ("rg16", Float, false),
        I::Rg16Snorm => ("rg16_snorm", Float, false),
        I::Rgba16Float => ("rgba16f", Float, true),
        I::Rgba16Uint => ("rgba16ui", Uint, true),
        I::Rgba16Sint => ("rgba16i", Int, true),
        I::Rgba16Unorm => ("rgba16", Float, false),
        I::Rgba16Snorm => ("rgba16_snorm", Float, false),
        I::R8Uint => ("r8ui", Uint, false),
        I::R8Sint => ("r8i", Int, false),
        I::R8Unorm => ("r8", Float, false),
        I::R8Snorm => ("r8_snorm", Float, false),
        I::Rg8Uint => ("rg8ui", Uint, false),
        I::Rg8Sint => ("rg8i", Int, false),
        I::Rg8Unorm => ("rg8", Float, false),
        I::Rg8Snorm => ("rg8_snorm", Float, false),
        I::Rgba8Uint => ("rgba8ui", Uint, true),
        I::Rgba8Sint => ("rgba8i", Int, true),
        I::Rgba8Unorm => ("rgba8", Float, true),
        I::Rgba8Snorm => ("rgba8_snorm", Float, true),
        I::Rgb10A2Unorm => ("rgb10_a2", Float, false),
        I::Rgb10A2Uint => ("rgb10_a2ui", Uint, false),
        I::Rg11B10Float => ("r11f_g11f_b10f", Float, false),
    }
}

/// What follows `image`, how many components a coordinate has, and how many a size.
pub(super) const fn image_layout(target: Target) -> Option<(&'static str, usize, usize)> {
    use Target as T;
    Some(match target {
        T::Buffer => ("Buffer", 1, 1),
        T::D1 => ("1D", 1, 1),
        T::D2 => ("2D", 2, 2),
        T::D3 => ("3D", 3, 3),
        T::Cube => ("Cube", 3, 2),
        T::Rect => ("2DRect", 2, 2),
        T::D1Array => ("1DArray", 2, 2),
        T::D2Array => ("2DArray", 3, 3),
        T::D2Msaa => ("2DMS", 2, 2),
        T::D2ArrayMsaa => ("2DMSArray", 3, 3),
        T::CubeArray => ("CubeArray", 3, 3),
        _ => return None,
    })
}

fn write_image(
    frame: &Frame<'_>,
    out: &mut String,
    (index, length): (u16, Option<u16>),
    used: Use,
    shape: ImageShape,
) -> Result<program::Image, Unsupported> {
    use Target as T;
    frame.needs(&feature::IMAGES)?;
    let (stem, ..) = image_layout(shape.target).ok_or(Unsupported::Shape)?;
    let stem = match narrow(frame, shape.target) {
        Some(Narrow::LineArray) => "2DArray",
        Some(_) => "2D",
        None => stem,
    };
    match shape.target {
        T::D2Msaa | T::D2ArrayMsaa => frame.needs(&feature::IMAGE_SHAPES)?,
        T::Buffer => frame.needs(&feature::BUFFER_TEXTURE)?,
        T::CubeArray => frame.needs(&feature::CUBE_ARRAY)?,
        _ => {}
    }
    let place = frame.key.bindings.images.saturating_add(index);
    let mut qualifiers = used.qualifiers();
    if shape.declared.is_none() && !used.reads && !qualifiers.contains("writeonly") {
        qualifiers = qualifiers.replace("readonly ", "writeonly ");
    }
    // What is read has a format in desktop versions, too. Without one it holds floats.
    let floats = used.reads.then_some(ImageFormat::Rgba32Float);
    let layout = match shape.format.or(floats).map(layout) {
        Some((name, _, everywhere)) => {
            if !everywhere {
                frame.needs(&feature::IMAGE_FORMATS)?;
            }
            if used.reads && used.writes && !name.starts_with("r32") {
                frame.needs(&feature::READ_WRITE_IMAGES)?;
            }
            format!("{name}, binding = {place}")
        }
        None => format!("binding = {place}"),
    };
    let prefix = match shape.base {
        Base::Float => "",
        Base::Int => "i",
        Base::Uint => "u",
    };
    let name = format!("{}_i{index}", frame.letters());
    let dimension = length.map(|length| format!("[{length}]"));
    let dimension = dimension.unwrap_or_default();
    let _ = writeln!(
        out,
        "layout({layout}) {qualifiers}uniform highp {prefix}image{stem} {name}{dimension};"
    );
    Ok(program::Image {
        index,
        length,
        name,
        target: shape.target,
        format: shape.declared,
        read: used.reads,
        written: used.writes,
    })
}

fn write_storage(
    frame: &Frame<'_>,
    out: &mut String,
    (index, slot): (u16, u16),
    length: Option<u16>,
    used: Use,
) -> Result<program::Storage, Unsupported> {
    frame.needs(&feature::STORAGE)?;
    let letters = frame.letters();
    let name = format!("{letters}_storage{index}");
    let place = frame.key.bindings.storage.saturating_add(slot);
    let qualifiers = used.qualifiers();
    let dimension = length.map(|length| format!("[{length}]"));
    let dimension = dimension.unwrap_or_default();
    let _ = writeln!(
        out,
        "layout(std430, binding = {place}) {qualifiers}buffer {name} {{ highp uint words[]; }} \
         {letters}_b{index}{dimension};"
    );
    Ok(program::Storage {
        index: slot,
        length,
        name,
        written: used.writes,
    })
}

/// How many words of shared memory there are; at least one, where there is any.
pub(super) fn shared_words(frame: &Frame<'_>) -> u32 {
    frame.key.shared_bytes.div_ceil(4).max(1)
}

fn write_shared(frame: &Frame<'_>, out: &mut String) -> Result<(), Unsupported> {
    let mut instructions = frame.shader.instructions.iter().filter_map(resource);
    if !instructions.any(|one| one.file == File::Memory) {
        return Ok(());
    }
    if frame.key.shared_bytes > frame.language.target.shared_bytes {
        return Err(Unsupported::SharedMemory);
    }
    let words = shared_words(frame);
    let _ = writeln!(out, "shared uint shared_words[{words}];");
    Ok(())
}

/// Declares the counters: all of a buffer as one array, which has to be the same in all
/// stages of a program.
fn write_counters(
    frame: &Frame<'_>,
    out: &mut String,
) -> Result<Vec<program::Counters>, Unsupported> {
    let list = program::counters(frame.shader);
    for counters in &list {
        frame.needs(&feature::COUNTERS)?;
        let buffer = counters.buffer;
        let place = frame.key.bindings.counters.saturating_add(buffer);
        let shared = frame.key.counters.get(usize::from(buffer));
        let length = counters.length.max(shared.copied().unwrap_or(0));
        let _ = writeln!(
            out,
            "layout(binding = {place}, offset = 0) uniform highp atomic_uint \
             counters{buffer}[{length}];"
        );
    }
    Ok(list)
}
