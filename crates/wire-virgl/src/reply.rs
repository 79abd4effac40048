//! What the host writes to a resource's memory for the guest to read, and what it calls a
//! context's errors.

use std::fmt;

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, numbers, payload};
use crate::limits::MAX_PLANES;

/// Bytes of a [`HostQueryState`] (`sizeof(struct virgl_host_query_state)`).
pub const HOST_QUERY_STATE_SIZE: usize = 16;

/// Bytes of a [`MemoryInfo`] (`sizeof(struct virgl_memory_info)`).
pub const MEMORY_INFO_SIZE: usize = 24;

/// Bytes of a [`ResourceLayout`] (`sizeof(struct virgl_resource_layout)`).
pub const RESOURCE_LAYOUT_SIZE: usize = 80;

/// A query's state in its own resource (`struct virgl_host_query_state`), from offset 0 on: the
/// answer to [`crate::Command::GetQueryResult`].
///
/// A guest polls the state while the host writes. So the result has to be there before the state
/// says [`QueryState::Done`]; the state is the first word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostQueryState {
    /// How far the query is.
    pub state: QueryState,
    /// Its result.
    pub result: QueryValue,
}

numbers! {
    /// How far a query is.
    pub enum QueryState "query state" {
        0 New "VIRGL_QUERY_STATE_NEW",
        1 Done "VIRGL_QUERY_STATE_DONE",
        2 WaitHost "VIRGL_QUERY_STATE_WAIT_HOST",
    }
}

/// A query's result, as wide as `result_size` says: 8 bytes for times and 4 for everything else
/// (`vrend_check_query` in `vrend/vrend_renderer.c`). Mesa goes by the query's kind alone
/// (`virgl_get_query_result` in `src/gallium/drivers/virgl/virgl_query.c`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryValue {
    /// 4 bytes.
    U32(u32),
    /// 8 bytes.
    U64(u64),
}

impl Wire for HostQueryState {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let state = Wire::parse(reader)?;
        let size = reader.u32()?;
        let low = reader.u32()?;
        let high = reader.u32()?;
        let result = match size {
            4 => QueryValue::U32(low),
            8 => QueryValue::U64(u64::from(high) << 32 | u64::from(low)),
            _ => {
                return Err(ParseError::BadValue {
                    what: "query result size",
                    value: size.into(),
                });
            }
        };
        Ok(Self { state, result })
    }

    fn encode(&self, writer: &mut Writer) {
        let (size, result) = match self.result {
            QueryValue::U32(value) => (4, value.into()),
            QueryValue::U64(value) => (8, value),
        };
        self.state.encode(writer);
        writer.u32(size).u64(result);
    }
}

payload! {
    /// The GPU's memory (`struct virgl_memory_info`), in KiB as `GL_NVX_gpu_memory_info` and
    /// `GL_ATI_meminfo` count: the answer to [`crate::Command::GetMemoryInfo`], at offset 0.
    #[derive(Eq, Default)]
    pub struct MemoryInfo {
        /// The device's own memory.
        pub total_device_memory: u32,
        /// What is free of it now.
        pub avail_device_memory: u32,
        /// The host's memory that the device may use.
        pub total_staging_memory: u32,
        /// What is free of it now.
        pub avail_staging_memory: u32,
        /// What was moved out of the device's memory, ever.
        pub device_memory_evicted: u32,
        /// How often something was.
        pub nr_device_memory_evictions: u32,
    }

    /// A plane of a resource in memory.
    #[derive(Eq, Default)]
    pub struct LaidOutPlane {
        /// Bytes into the memory.
        pub offset: u64,
        /// Bytes from row to row.
        pub stride: u32,
        /// Bytes.
        pub size: u32,
    }
}

/// How a resource lies in memory (`struct virgl_resource_layout`): the answer to
/// [`crate::Command::GetPipeResourceLayout`], at offset 0. Without planes, nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceLayout {
    modifier: u64,
    planes: Vec<LaidOutPlane>,
}

impl ResourceLayout {
    /// A layout by its DRM format modifier; `None` if there are more planes than
    /// [`MAX_PLANES`] (`VIRGL_RESOURCE_MAX_PLANES`).
    pub fn new(modifier: u64, planes: Vec<LaidOutPlane>) -> Option<Self> {
        let fits = planes.len() <= MAX_PLANES as usize;
        fits.then_some(Self { modifier, planes })
    }

    /// The DRM format modifier.
    pub fn modifier(&self) -> u64 {
        self.modifier
    }

    /// The planes, at most [`MAX_PLANES`].
    pub fn planes(&self) -> &[LaidOutPlane] {
        &self.planes
    }
}

impl Wire for ResourceLayout {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let modifier = reader.u64()?;
        let count = crate::codec::check_limit("planes", reader.u32()?, MAX_PLANES)?;
        let _reserved = reader.u32()?;
        let slots: [LaidOutPlane; MAX_PLANES as usize] = Wire::parse(reader)?;
        Ok(Self {
            modifier,
            planes: slots.into_iter().take(count as usize).collect(),
        })
    }

    fn encode(&self, writer: &mut Writer) {
        let mut slots = [LaidOutPlane::default(); MAX_PLANES as usize];
        let mut count = 0u32;
        for (slot, plane) in slots.iter_mut().zip(&self.planes) {
            *slot = *plane;
            count = count.saturating_add(1);
        }
        writer.u64(self.modifier).u32(count).u32(0);
        slots.encode(writer);
    }
}

/// Gives a reply its public way from and to bytes.
macro_rules! whole {
    ($($name:ident $size:ident,)*) => {$(
        impl $name {
            /// The bytes for the guest.
            pub fn to_bytes(&self) -> [u8; $size] {
                let mut writer = Writer::new();
                self.encode(&mut writer);
                let mut bytes = [0; $size];
                for (byte, written) in bytes.iter_mut().zip(writer.as_bytes()) {
                    *byte = *written;
                }
                bytes
            }

            /// Reads exactly one.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParseError> {
                let mut reader = Reader::new(bytes);
                let this = Wire::parse(&mut reader)?;
                reader.finish()?;
                Ok(this)
            }
        }
    )*};
}

whole! {
    HostQueryState HOST_QUERY_STATE_SIZE,
    MemoryInfo MEMORY_INFO_SIZE,
    ResourceLayout RESOURCE_LAYOUT_SIZE,
}

numbers! {
    /// Why a renderer has refused something (`enum virgl_errors` in `virgl_hw.h`).
    pub enum RendererError "renderer error" {
        0 None "VIRGL_ERROR_NONE",
        1 Unknown "VIRGL_ERROR_UNKNOWN",
        2 UnknownResourceFormat "VIRGL_ERROR_UNKNOWN_RESOURCE_FORMAT",
    }

    /// Why a context is in error (`enum virgl_ctx_errors` in `virgl_hw.h`). No reply carries it:
    /// the reference renderer keeps it and logs it, and so it is how logs of both are compared.
    pub enum ContextError "context error" {
        0 None "VIRGL_ERROR_CTX_NONE",
        1 Unknown "VIRGL_ERROR_CTX_UNKNOWN",
        2 IllegalShader "VIRGL_ERROR_CTX_ILLEGAL_SHADER",
        3 IllegalHandle "VIRGL_ERROR_CTX_ILLEGAL_HANDLE",
        4 IllegalResource "VIRGL_ERROR_CTX_ILLEGAL_RESOURCE",
        5 IllegalSurface "VIRGL_ERROR_CTX_ILLEGAL_SURFACE",
        6 IllegalVertexFormat "VIRGL_ERROR_CTX_ILLEGAL_VERTEX_FORMAT",
        7 IllegalCommandBuffer "VIRGL_ERROR_CTX_ILLEGAL_CMD_BUFFER",
        8 TessEvalWithoutTessCtrl "VIRGL_ERROR_CTX_GLES_HAVE_TES_BUT_MISS_TCS",
        9 AnySamplesPassed "VIRGL_ERROR_GL_ANY_SAMPLES_PASSED",
        10 IllegalFormat "VIRGL_ERROR_CTX_ILLEGAL_FORMAT",
        11 IllegalSamplerViewTarget "VIRGL_ERROR_CTX_ILLEGAL_SAMPLER_VIEW_TARGET",
        12 TransferBounds "VIRGL_ERROR_CTX_TRANSFER_IOV_BOUNDS",
        13 IllegalDualSourceBlend "VIRGL_ERROR_CTX_ILLEGAL_DUAL_SRC_BLEND",
        14 UnsupportedFunction "VIRGL_ERROR_CTX_UNSUPPORTED_FUNCTION",
        15 IllegalProgramPipeline "VIRGL_ERROR_CTX_ILLEGAL_PROGRAM_PIPELINE",
        16 TooManyVertexAttributes "VIRGL_ERROR_CTX_TOO_MANY_VERTEX_ATTRIBUTES",
        17 UnsupportedTextureWrap "VIRGL_ERROR_CTX_UNSUPPORTED_TEX_WRAP",
        18 CubeMapFaceOutOfRange "VIRGL_ERROR_CTX_CUBE_MAP_FACE_OUT_OF_RANGE",
        19 BlitAreaOutOfRange "VIRGL_ERROR_CTX_BLIT_AREA_OUT_OF_RANGE",
        20 ShaderBufferRange "VIRGL_ERROR_CTX_SSBO_BINDING_RANGE",
        21 ResourceOutOfRange "VIRGL_ERROR_CTX_RESOURCE_OUT_OF_RANGE",
    }
}

impl fmt::Display for ContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no error",
            Self::Unknown => "an error without a number of its own",
            Self::IllegalShader => "a shader that cannot be",
            Self::IllegalHandle => "an object that does not exist",
            Self::IllegalResource => "a resource that does not exist or does not fit",
            Self::IllegalSurface => "a surface that does not exist or does not fit",
            Self::IllegalVertexFormat => "a format that no vertex has",
            Self::IllegalCommandBuffer => "a command that cannot be parsed",
            Self::TessEvalWithoutTessCtrl => {
                "a tessellation evaluation shader without a control shader, on OpenGL ES"
            }
            Self::AnySamplesPassed => "a query for any samples passed, which this host lacks",
            Self::IllegalFormat => "a format that does not exist or does not fit",
            Self::IllegalSamplerViewTarget => "a sampler view of the wrong shape",
            Self::TransferBounds => "a transfer outside of its memory",
            Self::IllegalDualSourceBlend => "dual-source blending, which this host lacks",
            Self::UnsupportedFunction => "a function that this host lacks",
            Self::IllegalProgramPipeline => "shaders that do not go together",
            Self::TooManyVertexAttributes => "too many vertex attributes",
            Self::UnsupportedTextureWrap => "a wrap mode that this host lacks",
            Self::CubeMapFaceOutOfRange => "a cube's face that does not exist",
            Self::BlitAreaOutOfRange => "a blit outside of its resource",
            Self::ShaderBufferRange => "a shader buffer outside of its resource",
            Self::ResourceOutOfRange => "a copy outside of its resource",
        })
    }
}
