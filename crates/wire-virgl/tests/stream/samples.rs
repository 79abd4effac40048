//! A command of each kind, word by word, as a guest's driver writes it.

use wire_virgl::CommandId;

/// How the payload's length is bound to what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// One word more or less is an error.
    Exact,
    /// Ends in values of one word: one more or less is another command.
    Open,
    /// Has no meaning at all.
    PassedOver,
}

pub(crate) struct Sample {
    pub(crate) command: CommandId,
    pub(crate) object: u8,
    pub(crate) payload: Vec<u32>,
    pub(crate) length: Length,
}

impl Sample {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        stream_of(self.command.number(), self.object, &self.payload)
    }
}

pub(crate) fn stream_of(command: u8, object: u8, payload: &[u32]) -> Vec<u8> {
    let words = u32::try_from(payload.len()).expect("short");
    let header = u32::from(command) | u32::from(object) << 8 | words << 16;
    let words = std::iter::once(&header).chain(payload);
    words.flat_map(|word| word.to_le_bytes()).collect()
}

pub(crate) fn all() -> Vec<Sample> {
    [objects(), state(), drawing(), moving(), asking(), video()]
        .into_iter()
        .flatten()
        .collect()
}

fn exact(command: CommandId, payload: &[u32]) -> Sample {
    sample(command, 0, payload, Length::Exact)
}

fn open(command: CommandId, payload: &[u32]) -> Sample {
    sample(command, 0, payload, Length::Open)
}

fn create(object: u8, payload: &[u32]) -> Sample {
    sample(CommandId::CreateObject, object, payload, Length::Exact)
}

fn sample(command: CommandId, object: u8, payload: &[u32], length: Length) -> Sample {
    Sample {
        command,
        object,
        payload: payload.to_vec(),
        length,
    }
}

fn f(value: f32) -> u32 {
    value.to_bits()
}

/// Words of a text with its zero byte.
fn text(text: &str) -> Vec<u32> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let words = bytes.chunks_exact(4);
    words
        .map(|word| u32::from_le_bytes(word.try_into().expect("four bytes")))
        .collect()
}

fn shader(stage: u32, offset: u32, extra: &[u32], words: &[u32]) -> Sample {
    let payload = [&[7, stage, offset, 300], extra, words].concat();
    sample(CommandId::CreateObject, 4, &payload, Length::Open)
}

fn objects() -> Vec<Sample> {
    // One, alpha over; an advanced equation; nothing but a mask.
    let over = 1 | 3 << 4 | 19 << 9 | 1 << 17 | 19 << 22 | 15 << 27;
    let advanced = 1 | 15 << 17 | 15 << 27;
    let off = 7 << 27;
    let tgsi = text("VERT\n  0: END\n");
    let outputs = [
        2,
        4,
        0,
        0,
        8,
        5 | 4 << 10,
        0,
        6 | 1 << 8 | 2 << 10 | 3 << 13 | 9 << 16,
        1,
    ];
    vec![
        create(
            1,
            &[1, 1 | 4, 12, over, advanced, off, off, off, off, off, off],
        ),
        create(
            2,
            &[
                2,
                0x8000_4912,
                f(1.0),
                3,
                0xff03_aaaa,
                f(1.0),
                0,
                f(2.0),
                f(0.5),
            ],
        ),
        create(
            3,
            &[3, 3 | 1 << 2 | 1 << 8 | 4 << 9, 0x1fff_e249, 0, f(0.5)],
        ),
        shader(0, 15, &[0], &tgsi),
        shader(2, 15, &outputs, &tgsi),
        shader(1, 1 << 20, &[0], &tgsi),
        shader(1, 1 << 31 | 16, &[0], &tgsi),
        shader(5, 15, &[4096], &tgsi),
        create(5, &[8, 0, 0, 0, 31, 16, 1, 31, 67]),
        create(6, &[9, 100, 1 | 2 << 24, 0, 5 << 8, 0o5210]),
        create(7, &[10, 0x0107_a892, 0, 0, f(1000.0), 1, 2, 3, 4]),
        create(8, &[11, 100, 1, 2, 3 << 16 | 1]),
        create(9, &[12, 10 | 7 << 16, 8, 101]),
        create(10, &[13, 102, 64, 4096]),
        create(11, &[14, 100, 67, 0, 0, 4]),
        sample(CommandId::BindObject, 2, &[2], Length::Exact),
        sample(CommandId::BindObject, 5, &[0], Length::Exact),
        sample(CommandId::DestroyObject, 9, &[12], Length::Exact),
    ]
}

fn state() -> Vec<Sample> {
    use CommandId as C;
    let viewport = [f(320.0), f(-240.0), f(0.5), f(320.0), f(240.0), f(0.5)];
    vec![
        exact(
            C::SetViewportState,
            &[&[14][..], &viewport, &viewport].concat(),
        ),
        exact(C::SetFramebufferState, &[3, 20, 11, 0, 21]),
        exact(
            C::SetFramebufferStateNoAttach,
            &[640 | 480 << 16, 1 | 4 << 16],
        ),
        exact(C::SetVertexBuffers, &[16, 0, 100, 0, 0, 0]),
        open(C::SetSamplerViews, &[1, 126, 9, 0]),
        exact(C::SetIndexBuffer, &[103, 2, 6]),
        exact(C::SetIndexBuffer, &[0]),
        open(C::SetConstantBuffer, &[0, 0, f(1.0), f(2.0)]),
        open(C::SetConstantBuffer, &[5, 0]),
        exact(C::SetStencilRef, &[0xaa55]),
        exact(C::SetBlendColor, &[f(0.1), f(0.2), f(0.3), f(0.4)]),
        exact(C::SetScissorState, &[15, 1 | 2 << 16, 3 | 4 << 16]),
        open(C::BindSamplerStates, &[1, 30, 10, 0]),
        exact(C::SetPolygonStipple, &[0x5555_aaaa; 32]),
        exact(C::SetClipState, &[f(0.25); 32]),
        exact(C::SetSampleMask, &[0xffff]),
        open(C::SetStreamoutTargets, &[0xf, 13, 0, 14]),
        exact(C::SetUniformBuffer, &[4, 31, 256, 1024, 104]),
        exact(C::BindShader, &[7, 0]),
        exact(
            C::SetTessState,
            &[f(1.0), f(2.0), f(3.0), f(4.0), f(5.0), f(6.0)],
        ),
        exact(C::SetMinSamples, &[4]),
        exact(C::SetShaderBuffers, &[5, 30, 0, 64, 104, 0, 0, 0]),
        exact(C::SetShaderImages, &[1, 31, 67, 3, 5 << 16, 2, 100]),
        exact(C::SetAtomicBuffers, &[29, 0, 4, 104, 4, 8, 104]),
        exact(C::SetTweaks, &[2, 1024]),
        exact(C::LinkShader, &[7, 8, 0, 0, 0, 9]),
        exact(C::SetSubCtx, &[1]),
        exact(C::CreateSubCtx, &[1]),
        exact(C::DestroySubCtx, &[1]),
    ]
}

fn drawing() -> Vec<Sample> {
    use CommandId as C;
    let draw = [
        0,
        36,
        4,
        1,
        1,
        -3i32 as u32,
        0,
        1,
        0xffff,
        0,
        0xffff_ffff,
        0,
    ];
    let patch = [3, 17];
    let indirect = [105, 16, 20, 8, 4, 106];
    let depth = 0.75f64.to_bits();
    let depth = [depth as u32, (depth >> 32) as u32];
    vec![
        exact(C::DrawVbo, &draw),
        exact(C::DrawVbo, &[&draw[..], &patch].concat()),
        exact(C::DrawVbo, &[&draw[..], &patch, &indirect].concat()),
        exact(
            C::Clear,
            &[&[0x3ff, 1, 2, 3, 4][..], &depth, &[0x80]].concat(),
        ),
        exact(C::ClearTexture, &[100, 1, 0, 0, 0, 4, 4, 1, 1, 2, 3, 4]),
        exact(C::ClearSurface, &[1 | 4 << 1, 11, 1, 2, 3, 4, 5, 6, 7, 8]),
        exact(C::LaunchGrid, &[8, 8, 1, 64, 32, 1, 0, 0]),
        exact(C::MemoryBarrier, &[0x3fff]),
        exact(C::TextureBarrier, &[3]),
    ]
}

fn moving() -> Vec<Sample> {
    use CommandId as C;
    let region = [100, 0, 0x102, 256, 4096, 1, 2, 0, 64, 16, 1];
    let end = |height: i32| [100, 0, 1, 0, 0, 0, 64, height as u32, 1];
    let blit = [
        &[15 | 1 << 8 | 7 << 10, 1, 2 << 16][..],
        &end(64),
        &end(-64),
    ]
    .concat();
    vec![
        exact(
            C::ResourceCopyRegion,
            &[100, 0, 1, 2, 3, 101, 1, 4, 5, 6, 7, 8, 9],
        ),
        exact(C::Blit, &blit),
        open(C::ResourceInlineWrite, &[&region[..], &[1, 2, 3]].concat()),
        exact(C::Transfer3d, &[&region[..], &[4096, 2]].concat()),
        exact(C::CopyTransfer3d, &[&region[..], &[107, 64, 3]].concat()),
        sample(C::EndTransfers, 0, &[], Length::PassedOver),
        sample(C::Nop, 0, &[], Length::PassedOver),
        exact(
            C::PipeResourceCreate,
            &[2, 1, 0x1000a, 64, 64, 1, 1, 6, 0, 7, 99],
        ),
        exact(
            C::PipeResourceSetType,
            &[108, 166, 8, 64, 64, 0, 1, 2, 64, 0, 64, 4096],
        ),
        exact(C::GetPipeResourceLayout, &[109, 108]),
    ]
}

fn asking() -> Vec<Sample> {
    use CommandId as C;
    vec![
        exact(C::BeginQuery, &[12]),
        exact(C::EndQuery, &[12]),
        exact(C::GetQueryResult, &[12, 1]),
        exact(C::GetQueryResultQbo, &[12, 104, 0, 3, 16, -1i32 as u32]),
        exact(C::SetRenderCondition, &[12, 1, 3]),
        exact(C::SetRenderCondition, &[0, 0, 0]),
        exact(C::GetMemoryInfo, &[110]),
        exact(
            C::SendStringMarker,
            &[6, text("frame")[0], text("frame")[1] | 0x2100],
        ),
        open(C::SetDebugFlags, &text("shader,tgsi")),
    ]
}

fn video() -> Vec<Sample> {
    use CommandId as C;
    vec![
        open(C::CreateVideoCodec, &[40, 12, 1, 1, 41, 1920, 1080]),
        open(C::CreateVideoCodec, &[40, 12, 1, 1, 41, 1920, 1080, 16]),
        exact(C::DestroyVideoCodec, &[40]),
        open(C::CreateVideoBuffer, &[41, 166, 1920, 1080, 111, 112]),
        exact(C::DestroyVideoBuffer, &[41]),
        exact(C::BeginFrame, &[40, 41]),
        sample(C::DecodeMacroblock, 0, &[], Length::PassedOver),
        exact(C::DecodeBitstream, &[40, 41, 113, 114, 5000]),
        exact(C::EncodeBitstream, &[40, 41, 114, 113, 115]),
        exact(C::EndFrame, &[40, 41]),
    ]
}
