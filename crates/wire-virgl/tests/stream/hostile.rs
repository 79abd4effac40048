//! Streams that no driver sends.

use proptest::prelude::*;
use wire::ParseError;
use wire_virgl::{CommandId, CommandStream};

use crate::samples::{self, stream_of};
use crate::{encode, parse};

fn refused(command: CommandId, object: u8, payload: &[u32]) -> ParseError {
    let bytes = stream_of(command.number(), object, payload);
    let error = parse(&bytes).expect_err("refused");
    assert_eq!(error.command, Some(command));
    error.source
}

#[test]
fn slots_past_the_end_are_refused() {
    use CommandId as C;
    let cases: [(C, &[u32]); 12] = [
        (C::SetViewportState, &[16, 0, 0, 0, 0, 0, 0]),
        (C::SetViewportState, &[u32::MAX, 0, 0, 0, 0, 0, 0]),
        (C::SetScissorState, &[16, 0, 0]),
        (C::SetSamplerViews, &[0, 128, 1]),
        (C::SetSamplerViews, &[0, 129]),
        (C::BindSamplerStates, &[0, 32, 1]),
        (C::SetShaderBuffers, &[0, u32::MAX, 0, 0, 0]),
        (C::SetShaderImages, &[0, 32, 0, 0, 0, 0, 0]),
        (C::SetAtomicBuffers, &[32, 0, 0, 0]),
        (C::SetUniformBuffer, &[0, 32, 0, 0, 0]),
        (C::SetFramebufferState, &[9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (C::SetStreamoutTargets, &[0, 1, 2, 3, 4, 5]),
    ];
    for (command, payload) in cases {
        let error = refused(command, 0, payload);
        assert!(
            matches!(error, ParseError::Limit { .. }),
            "{command}: {error}"
        );
    }
    let too_many = refused(C::SetVertexBuffers, 0, &[0; 33 * 3]);
    assert!(matches!(too_many, ParseError::Limit { .. }));
}

#[test]
fn numbers_without_a_meaning_are_refused() {
    use CommandId as C;
    let mut draw = [0u32; 12];
    draw[2] = 15;
    let surface_of_format = |format| [1, 1, format, 0, 0];
    let cases: [(C, u8, &[u32]); 12] = [
        (C::DrawVbo, 0, &draw),
        (C::BindShader, 0, &[1, 6]),
        (C::SetConstantBuffer, 0, &[6, 0]),
        (C::CreateObject, 0, &[1]),
        (C::CreateObject, 12, &[1]),
        (C::CreateObject, 8, &surface_of_format(481)),
        (C::CreateObject, 8, &[1, 1, 1, 0, 1]),
        (C::CreateObject, 6, &[1, 1, 0, 0, 0, 0]),
        (C::CreateObject, 6, &[1, 1, 1 | 9 << 24, 0, 0, 0]),
        (C::CreateObject, 6, &[1, 1, 1, 0, 0, 6]),
        (C::BindObject, 4, &[1]),
        (C::SetRenderCondition, 0, &[1, 0, 4]),
    ];
    for (command, object, payload) in cases {
        let error = refused(command, object, payload);
        assert!(
            matches!(error, ParseError::BadValue { .. }),
            "{command}: {error}"
        );
    }
    let unknown = stream_of(64, 0, &[]);
    let error = parse(&unknown).expect_err("no such command");
    assert_eq!(error.command, None);
}

#[test]
fn codecs_have_seven_words_or_eight() {
    let words = [40, 12, 1, 1, 41, 64, 64, 2, 0];
    for length in 0..=words.len() {
        let payload = words.get(..length).expect("so many");
        let bytes = stream_of(CommandId::CreateVideoCodec.number(), 0, payload);
        assert_eq!(
            parse(&bytes).is_ok(),
            length == 7 || length == 8,
            "{length}"
        );
    }
}

#[test]
fn video_is_bounded() {
    let limit = |command, payload: &[u32]| {
        let error = refused(command, 0, payload);
        assert!(
            matches!(error, ParseError::Limit { .. }),
            "{command}: {error}"
        );
    };
    let codec = CommandId::CreateVideoCodec;
    limit(codec, &[40, 12, 1, 1, 41, 0x1_0000, 64]);
    limit(codec, &[40, 12, 1, 1, 41, 64, 0x1_0000]);
    limit(codec, &[40, 12, 1, 1, 41, 64, 64, 1025]);
    limit(CommandId::CreateVideoBuffer, &[41, 166, 64, 0x1_0000, 111]);
    limit(CommandId::CreateVideoBuffer, &[41, 166, 64, 64, 1, 2, 3, 4]);
    let size = (256 << 20) + 1;
    limit(CommandId::DecodeBitstream, &[40, 41, 113, 114, size]);
    for payload in [[40, 12, 6, 1, 41, 64, 64], [40, 12, 1, 6, 41, 64, 64]] {
        assert!(matches!(
            refused(codec, 0, &payload),
            ParseError::BadValue { .. }
        ));
    }
}

#[test]
fn shaders_are_bounded() {
    let long = refused(CommandId::CreateObject, 4, &[1, 0, 0x7fff_ffff, 0, 0, 0]);
    assert!(matches!(long, ParseError::Limit { .. }));
    let more_than_said = refused(CommandId::CreateObject, 4, &[1, 0, 4, 0, 0, 0, 0]);
    assert!(matches!(more_than_said, ParseError::Trailing { .. }));
    let outputs = refused(CommandId::CreateObject, 4, &[1, 0, 4, 0, 65, 0]);
    assert!(matches!(outputs, ParseError::Limit { .. }));
    let components = [1, 0, 4, 0, 1, 0, 0, 0, 0, 3 << 8 | 2 << 10, 0];
    let components = refused(CommandId::CreateObject, 4, &components);
    assert!(matches!(components, ParseError::BadValue { .. }));
}

#[test]
fn a_stream_ends_at_its_first_error() {
    let mut bytes = stream_of(CommandId::SetSubCtx.number(), 0, &[1]);
    bytes.extend(stream_of(CommandId::SetSubCtx.number(), 0, &[1, 2]));
    bytes.extend(stream_of(CommandId::SetSubCtx.number(), 0, &[3]));
    let mut commands = CommandStream::new(&bytes);
    assert!(commands.next().is_some_and(|command| command.is_ok()));
    let error = commands.next().expect("an error").expect_err("too long");
    assert_eq!(error.word, 2);
    assert_eq!(
        error.to_string(),
        "SET_SUB_CTX at word 2: 4 bytes trail the last value"
    );
    assert!(commands.next().is_none());
}

/// What is understood is written so that it is understood the same.
fn comes_back(bytes: &[u8]) {
    let Ok(command) = parse(bytes) else { return };
    let written = encode(&command);
    let again = parse(&written).expect("what we wrote");
    assert_eq!(encode(&again), written);
    assert_eq!(again.id(), command.id());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for command in CommandStream::new(&bytes) {
            let _ = command;
        }
    }

    #[test]
    fn small_words_behind_any_header(
        command in 0u8..64,
        object in 0u8..13,
        payload in prop::collection::vec(0u32..9, 0..40),
    ) {
        comes_back(&stream_of(command, object, &payload));
    }

    #[test]
    fn samples_with_a_word_exchanged(
        index in any::<prop::sample::Index>(),
        word in any::<prop::sample::Index>(),
        value in prop_oneof![any::<u32>(), 0u32..64, (0u32..32).prop_map(|bit| 1 << bit)],
    ) {
        let samples = samples::all();
        let sample = index.get(&samples);
        let mut payload = sample.payload.clone();
        if !payload.is_empty() {
            let word = word.index(payload.len());
            payload[word] = value;
        }
        comes_back(&stream_of(sample.command.number(), sample.object, &payload));
    }
}
