//! The bounds on what a guest's shader may hold. Each keeps memory within a constant times
//! the text's length, or is the width of the field in TGSI's own token layout
//! (`gallium/include/pipe/p_shader_tokens.h`), past which Mesa cannot count either.

/// Bytes of one shader's text. Mesa's longest (unrolled conformance tests) are below one.
pub const MAX_TEXT_BYTES: usize = 4 << 20;
/// Instructions of one shader: a fortieth of what the longest text could spell, and four
/// times what Mesa's drivers report as their limit (65,536).
pub const MAX_INSTRUCTIONS: usize = 1 << 18;
/// Declarations of one shader. Ranges join neighbours, so real shaders have some tens.
pub const MAX_DECLARATIONS: usize = 1 << 14;
/// Immediates of one shader: as many as a register index can name.
pub const MAX_IMMEDIATES: usize = MAX_REGISTER as usize + 1;
/// The largest register index, direct or declared: 16 bits with a sign in an operand.
pub const MAX_REGISTER: u16 = i16::MAX as u16;
/// The largest array id: ten bits.
pub const MAX_ARRAY_ID: u16 = 1023;
/// The largest branch label: 24 bits.
pub const MAX_LABEL: u32 = (1 << 24) - 1;
/// The largest vertex stream: two bits.
pub const MAX_STREAM: u8 = 3;
/// Texture offsets of one instruction (`TGSI_FULL_MAX_TEX_OFFSETS`).
pub const MAX_TEXTURE_OFFSETS: usize = 4;
/// Open blocks (IF, loop, SWITCH) at any point. GLSL compilers recurse over them; 256
/// levels are more than the GLSL conformance tests nest.
pub const MAX_NESTING: usize = 256;
/// Bytes of a shader's statements in GLSL: sixteen times its longest text. One instruction
/// gives some hundred.
pub const MAX_BODY_BYTES: usize = 64 << 20;
/// Registers of a shader's inputs, of its outputs, and of its system values, each. Gallium
/// has 80 (`PIPE_MAX_SHADER_INPUTS` in `gallium/include/pipe/p_state.h`), OpenGL's hosts 32
/// and their own variables.
pub const MAX_VARYINGS: usize = 128;
