use std::ffi::{CStr, CString, c_char};

use crate::garbage::Dead;
use crate::memory;
use crate::object::Handle;
use crate::{Current, Error, enums as gl};

/// A stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are GL's")]
pub enum ShaderKind {
    Vertex,
    TessControl,
    TessEvaluation,
    Geometry,
    Fragment,
    Compute,
}

impl ShaderKind {
    const fn number(self) -> u32 {
        match self {
            Self::Vertex => gl::VERTEX_SHADER,
            Self::TessControl => gl::TESS_CONTROL_SHADER,
            Self::TessEvaluation => gl::TESS_EVALUATION_SHADER,
            Self::Geometry => gl::GEOMETRY_SHADER,
            Self::Fragment => gl::FRAGMENT_SHADER,
            Self::Compute => gl::COMPUTE_SHADER,
        }
    }
}

/// A compiled shader.
#[derive(Debug)]
pub struct Shader {
    handle: Handle,
}

/// A linked program.
#[derive(Debug)]
pub struct Program {
    handle: Handle,
}

/// What is settled before a program is linked.
#[derive(Clone, Debug, Default)]
pub struct LinkOptions<'o> {
    /// Places of vertex attributes by name.
    pub attributes: Vec<(u32, &'o CStr)>,
    /// Colour buffers and their second colours (1) of fragment outputs by name.
    pub outputs: Vec<(u32, u32, &'o CStr)>,
    /// What streams out, one name after the other, all in one buffer unless GL's special
    /// names (`gl_NextBuffer`, `gl_SkipComponents1`) say otherwise.
    pub streamed: Vec<&'o CStr>,
    /// Each streamed output has a buffer of its own.
    pub separate: bool,
    /// [`Current::program_binary`] is going to be asked for.
    pub keeps_binary: bool,
}

/// A linked program as its driver writes it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramBinary {
    /// The driver's number for the format.
    pub format: u32,
    /// What only the driver understands.
    pub bytes: Vec<u8>,
}

impl Current<'_> {
    /// Compiles GLSL.
    ///
    /// # Errors
    /// [`Error::Compile`] with the driver's log.
    pub fn compile(&self, kind: ShaderKind, source: &str) -> Result<Shader, Error> {
        let charge = self.charge(source.len() as u64)?;
        let name = self.gl_create_shader(kind.number());
        let shader = Shader {
            handle: Handle::new(name, Dead::Shader, self.shared_owner()).charged(charge),
        };
        let length = i32::try_from(source.len()).map_err(|_| Error::OutOfMemory)?;
        let text = source.as_ptr().cast::<c_char>();
        // SAFETY: one string of the length given.
        unsafe { self.gl_shader_source(name, 1, &text, &length) };
        self.gl_compile_shader(name);
        let mut status = 0;
        // SAFETY: the answer is one number.
        unsafe { self.gl_get_shaderiv(name, gl::COMPILE_STATUS, &mut status) };
        match status {
            0 => Err(Error::Compile(self.log(|size, length, text| {
                // SAFETY: room for `size` bytes.
                unsafe { self.gl_get_shader_info_log(name, size, length, text) }
            }))),
            _ => Ok(shader),
        }
    }

    /// Links shaders.
    ///
    /// # Errors
    /// [`Error::Compile`] with the driver's log.
    pub fn link(&self, shaders: &[&Shader], options: &LinkOptions<'_>) -> Result<Program, Error> {
        let charge = self.charge(memory::PROGRAM)?;
        let name = self.gl_create_program();
        let program = Program {
            handle: Handle::new(name, Dead::Program, self.shared_owner()).charged(charge),
        };
        for shader in shaders {
            self.gl_attach_shader(name, self.name(&shader.handle));
        }
        self.prepare_link(name, options);
        self.gl_link_program(name);
        for shader in shaders {
            self.gl_detach_shader(name, self.name(&shader.handle));
        }
        match self.is_linked(name) {
            true => Ok(program),
            false => Err(Error::Compile(self.log(|size, length, text| {
                // SAFETY: room for `size` bytes.
                unsafe { self.gl_get_program_info_log(name, size, length, text) }
            }))),
        }
    }

    /// The program as its driver writes it down. None if the driver writes none: without
    /// [`crate::Features::program_binary`], in no format, or not of this program.
    pub fn program_binary(&self, program: &Program) -> Option<ProgramBinary> {
        if !self.caps().has_program_binaries() {
            return None;
        }
        let name = self.name(&program.handle);
        self.clear_errors();
        let mut size = 0;
        // SAFETY: the answer is one number.
        unsafe { self.gl_get_programiv(name, gl::PROGRAM_BINARY_LENGTH, &mut size) };
        let mut bytes = vec![0u8; usize::try_from(size).ok().filter(|size| *size > 0)?];
        let (mut length, mut format) = (0, 0);
        let room = bytes.as_mut_ptr().cast();
        // SAFETY: room for `size` bytes and for two numbers.
        unsafe { self.gl_get_program_binary(name, size, &mut length, &mut format, room) };
        bytes.truncate(usize::try_from(length).unwrap_or(0));
        let is_whole = self.check().is_ok() && !bytes.is_empty();
        is_whole.then_some(ProgramBinary { format, bytes })
    }

    /// A program of what [`Self::program_binary`] gave, now or in an earlier process. The
    /// driver knows its own, and refuses what another driver or another version of it wrote.
    ///
    /// # Errors
    /// [`Error::Missing`] without binaries, [`Error::Compile`] for a refused one.
    pub fn load_program(&self, binary: &ProgramBinary) -> Result<Program, Error> {
        let missing = Error::Missing("program binaries");
        if !self.caps().has_program_binaries() {
            return Err(missing);
        }
        let length = i32::try_from(binary.bytes.len()).map_err(|_| missing)?;
        let name = self.gl_create_program();
        let program = Program {
            handle: Handle::new(name, Dead::Program, self.shared_owner()),
        };
        self.clear_errors();
        let bytes = binary.bytes.as_ptr().cast();
        // SAFETY: GL reads `length` bytes, the slice's.
        unsafe { self.gl_program_binary(name, binary.format, bytes, length) };
        let accepted = self.check();
        match self.is_linked(name) {
            true if accepted.is_ok() => Ok(program),
            _ => Err(Error::Compile("a program binary is refused".into())),
        }
    }

    fn is_linked(&self, name: u32) -> bool {
        let mut status = 0;
        // SAFETY: the answer is one number.
        unsafe { self.gl_get_programiv(name, gl::LINK_STATUS, &mut status) };
        status != 0
    }

    /// Draws and dispatches use this program.
    pub fn use_program(&self, program: Option<&Program>) {
        let name = program.map_or(0, |program| self.name(&program.handle));
        if self.context.program.replace(name) != name {
            self.gl_use_program(name);
        }
    }

    /// The place of a uniform; none if the program has none of this name. A name with a zero
    /// byte is none's.
    pub fn uniform_location(&self, program: &Program, name: &str) -> Option<i32> {
        let text = CString::new(name).ok()?;
        // SAFETY: the name ends in a zero byte.
        let place =
            unsafe { self.gl_get_uniform_location(self.name(&program.handle), text.as_ptr()) };
        (place >= 0).then_some(place)
    }

    /// The number of a uniform block; none if the program has none of this name.
    pub fn uniform_block(&self, program: &Program, name: &str) -> Option<u32> {
        let text = CString::new(name).ok()?;
        let program = self.name(&program.handle);
        // SAFETY: the name ends in a zero byte.
        let index = unsafe { self.gl_get_uniform_block_index(program, text.as_ptr()) };
        (index != gl::INVALID_INDEX).then_some(index)
    }

    /// The number of a shader storage block; none if the program has none of this name.
    pub fn storage_block(&self, program: &Program, name: &str) -> Option<u32> {
        let text = CString::new(name).ok()?;
        let program = self.name(&program.handle);
        let kind = gl::SHADER_STORAGE_BLOCK;
        // SAFETY: the name ends in a zero byte.
        let index = unsafe { self.gl_get_program_resource_index(program, kind, text.as_ptr()) };
        (index != gl::INVALID_INDEX).then_some(index)
    }

    /// Where a uniform block takes its buffer from.
    pub fn bind_uniform_block(&self, program: &Program, block: u32, binding: u32) {
        self.gl_uniform_block_binding(self.name(&program.handle), block, binding);
    }

    /// Where a shader storage block takes its buffer from.
    pub fn bind_storage_block(&self, program: &Program, block: u32, binding: u32) {
        self.gl_shader_storage_block_binding(self.name(&program.handle), block, binding);
    }

    /// Sets an integer uniform, or a sampler's unit, of the program, which is used from now
    /// on.
    pub fn set_int(&self, program: &Program, location: i32, value: i32) {
        self.use_program(Some(program));
        self.gl_uniform1i(location, value);
    }

    /// Sets a float uniform likewise.
    pub fn set_float(&self, program: &Program, location: i32, value: f32) {
        self.use_program(Some(program));
        self.gl_uniform1f(location, value);
    }

    /// Sets a `vec2` likewise.
    pub fn set_vec2(&self, program: &Program, location: i32, [x, y]: [f32; 2]) {
        self.use_program(Some(program));
        self.gl_uniform2f(location, x, y);
    }

    /// Sets an array of `vec4` likewise.
    pub fn set_vec4s(&self, program: &Program, location: i32, values: &[[f32; 4]]) {
        self.use_program(Some(program));
        let count = i32::try_from(values.len()).unwrap_or(0);
        // SAFETY: so many times four floats.
        unsafe { self.gl_uniform4fv(location, count, values.as_ptr().cast()) };
    }

    /// Sets an array of `uvec4` likewise.
    pub fn set_uvec4s(&self, program: &Program, location: i32, values: &[[u32; 4]]) {
        self.use_program(Some(program));
        let count = i32::try_from(values.len()).unwrap_or(0);
        // SAFETY: so many times four numbers.
        unsafe { self.gl_uniform4uiv(location, count, values.as_ptr().cast()) };
    }

    /// Sets an array of `uint` likewise.
    pub fn set_uints(&self, program: &Program, location: i32, values: &[u32]) {
        self.use_program(Some(program));
        let count = i32::try_from(values.len()).unwrap_or(0);
        // SAFETY: so many numbers.
        unsafe { self.gl_uniform1uiv(location, count, values.as_ptr()) };
    }

    /// The levels of tessellation where no control shader gives them.
    pub fn tessellation_levels(&self, outer: [f32; 4], inner: [f32; 2]) {
        // SAFETY: four outer and two inner levels.
        unsafe {
            self.gl_patch_parameterfv(gl::PATCH_DEFAULT_OUTER_LEVEL, outer.as_ptr());
            self.gl_patch_parameterfv(gl::PATCH_DEFAULT_INNER_LEVEL, inner.as_ptr());
        }
    }

    fn prepare_link(&self, name: u32, options: &LinkOptions<'_>) {
        if options.keeps_binary && self.caps().has_program_binaries() {
            self.gl_program_parameteri(name, gl::PROGRAM_BINARY_RETRIEVABLE_HINT, 1);
        }
        for (place, attribute) in &options.attributes {
            // SAFETY: a string with a zero byte.
            unsafe { self.gl_bind_attrib_location(name, *place, attribute.as_ptr()) };
        }
        for (place, index, output) in &options.outputs {
            let output = output.as_ptr();
            match index {
                // Second colours are newer than places are.
                // SAFETY: a string with a zero byte.
                0 => unsafe { self.gl_bind_frag_data_location(name, *place, output) },
                // SAFETY: a string with a zero byte.
                _ => unsafe {
                    self.gl_bind_frag_data_location_indexed(name, *place, *index, output)
                },
            }
        }
        if !options.streamed.is_empty() {
            let names: Vec<_> = options.streamed.iter().map(|name| name.as_ptr()).collect();
            let count = i32::try_from(names.len()).unwrap_or(0);
            let mode = match options.separate {
                true => gl::SEPARATE_ATTRIBS,
                false => gl::INTERLEAVED_ATTRIBS,
            };
            // SAFETY: so many strings with zero bytes.
            unsafe { self.gl_transform_feedback_varyings(name, count, names.as_ptr(), mode) };
        }
    }

    /// `read` fills a buffer of the size given, and says how much it wrote.
    fn log(&self, read: impl FnOnce(i32, *mut i32, *mut c_char)) -> String {
        /// Longer logs are cut, in bytes.
        const SIZE: i32 = 4096;
        let mut text = vec![0u8; SIZE as usize];
        let mut length = 0;
        read(SIZE, &mut length, text.as_mut_ptr().cast());
        text.truncate(usize::try_from(length).unwrap_or(0));
        String::from_utf8_lossy(&text).trim_end().to_owned()
    }
}
