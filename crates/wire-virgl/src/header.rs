use std::fmt;

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, bits, place};

macro_rules! commands {
    ($($number:literal $name:ident $wire:literal,)*) => {
        /// A command's number (`enum virgl_context_cmd` in `virgl_protocol.h`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum CommandId {
            $(#[doc = concat!("`VIRGL_CCMD_", $wire, "`")] $name = $number,)*
        }

        impl CommandId {
            /// Every command, by number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The command with this number.
            pub const fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The protocol's name, without `VIRGL_CCMD_`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $wire,)*
                }
            }
        }
    };
}

commands! {
    0 Nop "NOP",
    1 CreateObject "CREATE_OBJECT",
    2 BindObject "BIND_OBJECT",
    3 DestroyObject "DESTROY_OBJECT",
    4 SetViewportState "SET_VIEWPORT_STATE",
    5 SetFramebufferState "SET_FRAMEBUFFER_STATE",
    6 SetVertexBuffers "SET_VERTEX_BUFFERS",
    7 Clear "CLEAR",
    8 DrawVbo "DRAW_VBO",
    9 ResourceInlineWrite "RESOURCE_INLINE_WRITE",
    10 SetSamplerViews "SET_SAMPLER_VIEWS",
    11 SetIndexBuffer "SET_INDEX_BUFFER",
    12 SetConstantBuffer "SET_CONSTANT_BUFFER",
    13 SetStencilRef "SET_STENCIL_REF",
    14 SetBlendColor "SET_BLEND_COLOR",
    15 SetScissorState "SET_SCISSOR_STATE",
    16 Blit "BLIT",
    17 ResourceCopyRegion "RESOURCE_COPY_REGION",
    18 BindSamplerStates "BIND_SAMPLER_STATES",
    19 BeginQuery "BEGIN_QUERY",
    20 EndQuery "END_QUERY",
    21 GetQueryResult "GET_QUERY_RESULT",
    22 SetPolygonStipple "SET_POLYGON_STIPPLE",
    23 SetClipState "SET_CLIP_STATE",
    24 SetSampleMask "SET_SAMPLE_MASK",
    25 SetStreamoutTargets "SET_STREAMOUT_TARGETS",
    26 SetRenderCondition "SET_RENDER_CONDITION",
    27 SetUniformBuffer "SET_UNIFORM_BUFFER",
    28 SetSubCtx "SET_SUB_CTX",
    29 CreateSubCtx "CREATE_SUB_CTX",
    30 DestroySubCtx "DESTROY_SUB_CTX",
    31 BindShader "BIND_SHADER",
    32 SetTessState "SET_TESS_STATE",
    33 SetMinSamples "SET_MIN_SAMPLES",
    34 SetShaderBuffers "SET_SHADER_BUFFERS",
    35 SetShaderImages "SET_SHADER_IMAGES",
    36 MemoryBarrier "MEMORY_BARRIER",
    37 LaunchGrid "LAUNCH_GRID",
    38 SetFramebufferStateNoAttach "SET_FRAMEBUFFER_STATE_NO_ATTACH",
    39 TextureBarrier "TEXTURE_BARRIER",
    40 SetAtomicBuffers "SET_ATOMIC_BUFFERS",
    41 SetDebugFlags "SET_DEBUG_FLAGS",
    42 GetQueryResultQbo "GET_QUERY_RESULT_QBO",
    43 Transfer3d "TRANSFER3D",
    44 EndTransfers "END_TRANSFERS",
    45 CopyTransfer3d "COPY_TRANSFER3D",
    46 SetTweaks "SET_TWEAKS",
    47 ClearTexture "CLEAR_TEXTURE",
    48 PipeResourceCreate "PIPE_RESOURCE_CREATE",
    49 PipeResourceSetType "PIPE_RESOURCE_SET_TYPE",
    50 GetMemoryInfo "GET_MEMORY_INFO",
    51 SendStringMarker "SEND_STRING_MARKER",
    52 LinkShader "LINK_SHADER",
    53 CreateVideoCodec "CREATE_VIDEO_CODEC",
    54 DestroyVideoCodec "DESTROY_VIDEO_CODEC",
    55 CreateVideoBuffer "CREATE_VIDEO_BUFFER",
    56 DestroyVideoBuffer "DESTROY_VIDEO_BUFFER",
    57 BeginFrame "BEGIN_FRAME",
    58 DecodeMacroblock "DECODE_MACROBLOCK",
    59 DecodeBitstream "DECODE_BITSTREAM",
    60 EncodeBitstream "ENCODE_BITSTREAM",
    61 EndFrame "END_FRAME",
    62 ClearSurface "CLEAR_SURFACE",
    63 GetPipeResourceLayout "GET_PIPE_RESOURCE_LAYOUT",
}

impl CommandId {
    /// The number on the wire.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The word in front of every command (`VIRGL_CMD0`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The command.
    pub command: CommandId,
    /// The type of object, in commands on objects; in others without meaning.
    pub object: u8,
    /// Words that follow.
    pub words: u16,
}

impl Wire for Header {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let word = reader.u32()?;
        let number = bits(word, 0, 8);
        let command = CommandId::from_number(number as u8).ok_or(ParseError::BadValue {
            what: "command",
            value: number.into(),
        })?;
        Ok(Self {
            command,
            object: bits(word, 8, 8) as u8,
            words: bits(word, 16, 16) as u16,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        let object = place(self.object.into(), 8, 8);
        let words = place(self.words.into(), 16, 16);
        writer.u32(u32::from(self.command.number()) | object | words);
    }
}
