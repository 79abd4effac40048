//! Command streams: each command read and written back, and what a hostile guest sends.
#![forbid(unsafe_code)]

mod hostile;
mod samples;

use std::collections::BTreeSet;

use samples::{Length, Sample, stream_of};
use wire::{ParseError, Writer};
use wire_virgl::{
    AdvancedBlend, AlphaBlend, BlendFactor, Chunk, Command, CommandId, CommandStream, Object,
    ObjectType, RasterizerFlags, ShaderExtra, StreamError,
};

/// The only command of a stream.
fn parse(bytes: &[u8]) -> Result<Command<'_>, StreamError> {
    let mut commands = CommandStream::new(bytes);
    let command = commands.next().expect("a command")?;
    assert!(commands.next().is_none(), "one command");
    Ok(command)
}

fn encode(command: &Command<'_>) -> Vec<u8> {
    let mut writer = Writer::new();
    command.encode(&mut writer).expect("short enough");
    writer.into_bytes()
}

#[test]
fn there_is_a_sample_of_everything() {
    let samples = samples::all();
    let commands: BTreeSet<_> = samples.iter().map(|sample| sample.command).collect();
    assert_eq!(commands, CommandId::ALL.iter().copied().collect());
    let creations = samples
        .iter()
        .filter(|sample| sample.command == CommandId::CreateObject);
    let objects: BTreeSet<_> = creations.map(|sample| u32::from(sample.object)).collect();
    let types = ObjectType::ALL
        .iter()
        .map(|object_type| object_type.number());
    assert_eq!(objects, types.collect());
}

#[test]
fn samples_come_back_word_by_word() {
    for sample in samples::all() {
        let bytes = sample.bytes();
        let command = parse(&bytes).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(command.id(), sample.command);
        assert_eq!(encode(&command), bytes, "{command:?}");
    }
}

#[test]
fn a_stream_is_one_command_after_the_other() {
    let samples = samples::all();
    let bytes: Vec<u8> = samples.iter().flat_map(Sample::bytes).collect();
    let commands: Result<Vec<_>, _> = CommandStream::new(&bytes).collect();
    let ids: Vec<_> = commands.expect("sound").iter().map(Command::id).collect();
    let sent: Vec<_> = samples.iter().map(|sample| sample.command).collect();
    assert_eq!(ids, sent);
}

#[test]
fn lengths_are_checked() {
    for sample in samples::all() {
        let (command, object) = (sample.command.number(), sample.object);
        let mut longer = sample.payload.clone();
        longer.push(0);
        let longer = stream_of(command, object, &longer);
        match sample.length {
            Length::Exact => {
                let error = parse(&longer).expect_err("too long");
                assert_eq!(error.command, Some(sample.command), "{error}");
                let (_, shorter) = sample.payload.split_last().expect("a payload");
                parse(&stream_of(command, object, shorter)).expect_err("too short");
            }
            Length::Open => {
                parse(&stream_of(command, object, &[])).expect_err("too short");
            }
            Length::PassedOver => assert_eq!(
                parse(&longer).expect("padding is passed over").id(),
                sample.command
            ),
        }
        let cut = &longer[..longer.len() - 1];
        let error = parse(cut).expect_err("the stream ends early");
        assert!(matches!(error.source, ParseError::Truncated { .. }));
    }
}

#[test]
fn blending_comes_in_three_ways() {
    let bytes = samples::all().remove(0).bytes();
    let Ok(Command::CreateObject(id, Object::Blend(blend))) = parse(&bytes) else {
        panic!("a blend object");
    };
    assert_eq!(id.number(), 1);
    let [over, advanced, off, ..] = blend.targets;
    assert_eq!(over.rgb.src, Some(BlendFactor::SrcAlpha));
    assert_eq!(over.rgb.dst, Some(BlendFactor::InvSrcAlpha));
    let hsl = AlphaBlend::Advanced(AdvancedBlend::HslLuminosity);
    assert_eq!(advanced.alpha, hsl);
    assert_eq!((off.enable, off.rgb.src), (false, None));
}

#[test]
fn shaders_come_in_chunks() {
    let samples = samples::all();
    let bytes: Vec<u8> = samples.iter().flat_map(Sample::bytes).collect();
    let mut chunks = Vec::new();
    let mut streamed = 0;
    for command in CommandStream::new(&bytes) {
        if let Ok(Command::CreateObject(_, Object::Shader(shader))) = command {
            assert!(shader.text.as_inner().starts_with(b"VERT\n"));
            chunks.push(shader.chunk);
            if let ShaderExtra::StreamOutput(Some(output)) = shader.extra {
                streamed += output.outputs.len();
                assert_eq!(output.outputs[1].buffer, 3);
                assert_eq!(output.outputs[1].dst_offset, 9);
            }
        }
    }
    let whole = Chunk::First { total: 15 };
    let first = Chunk::First { total: 1 << 20 };
    let next = Chunk::Continuation { offset: 16 };
    assert_eq!(chunks, [whole, whole, first, next, whole]);
    assert_eq!(streamed, 2);
}

#[test]
fn draws_have_three_lengths() {
    let samples = samples::all();
    let draws = samples
        .iter()
        .filter(|sample| sample.command == CommandId::DrawVbo);
    let mut parts = Vec::new();
    for sample in draws {
        let bytes = sample.bytes();
        let Ok(Command::DrawVbo(draw)) = parse(&bytes) else {
            panic!("a draw");
        };
        assert_eq!(draw.draw.index_bias, -3);
        parts.push((draw.patch.is_some(), draw.indirect.is_some()));
    }
    assert_eq!(parts, [(false, false), (true, false), (true, true)]);
}

#[test]
fn the_rasterizers_bits_are_where_they_should_be() {
    let bytes = stream_of(
        1,
        2,
        &[1, 1 << 31 | 2 << 8 | 1 << 10 | 2, 0, 0, 0, 0, 0, 0, 0],
    );
    let Ok(Command::CreateObject(_, Object::Rasterizer(rasterizer))) = parse(&bytes) else {
        panic!("a rasterizer");
    };
    let flags = RasterizerFlags::FORCE_PERSAMPLE_INTERP | RasterizerFlags::DEPTH_CLIP;
    assert_eq!(rasterizer.flags, flags);
    assert_eq!(rasterizer.cull, wire_virgl::CullFace::Back);
    assert_eq!(rasterizer.fill_front, wire_virgl::PolygonMode::Line);
}
