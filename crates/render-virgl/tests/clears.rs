//! Clears, and the framebuffers and surfaces that they need.
#![allow(missing_docs, reason = "tests")]

mod common;

use std::time::{Duration, Instant};

use common::{Guest, both, core, number, resource, texture};
use context::{Event, FenceId, RingIdx};
use format::Format;
use wire_virgl::{
    BindFlags, Clear, ClearBuffers, ClearSurface, ClearTexture, Command, Framebuffer,
    GetQueryResult, HOST_QUERY_STATE_SIZE, HostQueryState, Object, ObjectId, ObjectType, Query,
    QueryState, QueryType, QueryValue, SubContextId, Surface, TextureTarget,
};

fn surface(guest: &mut Guest, id: u32, format: Format) -> ObjectId {
    let object = guest.object();
    let surface = Surface {
        resource: resource(id),
        format: number(format),
        level: 0,
        first_layer: 0,
        last_layer: 0,
    };
    guest.run(&[Command::CreateObject(object, Object::Surface(surface))]);
    object
}

fn clear(buffers: ClearBuffers, color: [f32; 4]) -> Command<'static> {
    let color = color.map(f32::to_bits);
    Command::Clear(Clear {
        buffers,
        color,
        depth: 0.5,
        stencil: 7,
    })
}

fn framebuffer(color: &[ObjectId], depth_stencil: Option<ObjectId>) -> Command<'static> {
    let color = color.iter().copied().map(Some).collect();
    Command::SetFramebufferState(Framebuffer {
        depth_stencil,
        color,
    })
}

#[test]
fn colours_are_cleared() {
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        let bgra = guest.texture(Format::B8G8R8A8_UNORM, 4, 4);
        let rgba = guest.texture(Format::R8G8B8A8_UNORM, 4, 4);
        let one = surface(&mut guest, bgra.id, Format::B8G8R8A8_UNORM);
        let two = surface(&mut guest, rgba.id, Format::R8G8B8A8_UNORM);
        guest.run(&[
            framebuffer(&[one, two], None),
            clear(ClearBuffers::COLOR0, [1.0, 0.0, 0.2, 1.0]),
            clear(ClearBuffers::COLOR1, [0.0, 1.0, 0.2, 0.0]),
        ]);
        let bgra = guest.pixels(bgra.id, Format::B8G8R8A8_UNORM, [4, 4, 1]);
        assert!(bgra.chunks(4).all(|pixel| pixel == [51, 0, 255, 255]));
        let rgba = guest.pixels(rgba.id, Format::R8G8B8A8_UNORM, [4, 4, 1]);
        assert!(rgba.chunks(4).all(|pixel| pixel == [0, 255, 51, 0]));
    }
}

#[test]
fn integers_are_cleared_as_integers() {
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        let format = Format::R32G32B32A32_SINT;
        let texture = guest.texture(format, 2, 2);
        let surface = surface(&mut guest, texture.id, format);
        let color = [-5i32, 6, 7, i32::MIN].map(i32::cast_unsigned);
        let buffers = ClearBuffers::COLOR0;
        let clear = Command::Clear(Clear {
            buffers,
            color,
            depth: 0.0,
            stencil: 0,
        });
        guest.run(&[framebuffer(&[surface], None), clear]);
        let pixels = guest.pixels(texture.id, format, [2, 2, 1]);
        let first: Vec<_> = pixels.as_chunks::<4>().0.iter().take(4).collect();
        let first: Vec<_> = first
            .into_iter()
            .map(|bytes| u32::from_le_bytes(*bytes))
            .collect();
        assert_eq!(first, color);
    }
}

#[test]
fn depth_and_stencil_are_cleared_each_for_itself() {
    let mut guest = Guest::new(core());
    let format = Format::Z24_UNORM_S8_UINT;
    let texture = guest.texture(format, 2, 2);
    let surface = surface(&mut guest, texture.id, format);
    let value = |guest: &mut Guest| {
        let pixels = guest.pixels(texture.id, format, [2, 2, 1]);
        let pixels = pixels.as_chunks::<4>().0;
        assert!(pixels.iter().all(|pixel| *pixel == pixels[0]));
        u32::from_le_bytes(pixels[0])
    };
    guest.run(&[
        framebuffer(&[], Some(surface)),
        clear(ClearBuffers::STENCIL, [0.0; 4]),
    ]);
    assert_eq!(value(&mut guest), 7 << 24);
    guest.run(&[clear(ClearBuffers::DEPTH, [0.0; 4])]);
    assert!(value(&mut guest) == 7 << 24 | 0x80_0000 || value(&mut guest) == 7 << 24 | 0x7f_ffff);
}

#[test]
fn a_part_of_a_surface_is_cleared() {
    let mut guest = Guest::new(core());
    let texture = guest.texture(Format::R8G8B8A8_UNORM, 4, 4);
    let surface = surface(&mut guest, texture.id, Format::R8G8B8A8_UNORM);
    let clear = ClearSurface {
        render_condition: false,
        buffers: ClearBuffers::COLOR0,
        surface,
        value: [1.0f32; 4].map(f32::to_bits),
        x: 1,
        y: 2,
        width: 2,
        height: 1,
    };
    guest.run(&[Command::ClearSurface(clear)]);
    let pixels = guest.pixels(texture.id, Format::R8G8B8A8_UNORM, [4, 4, 1]);
    let white: Vec<_> = (0..16).filter(|at| pixels[at * 4] == 255).collect();
    assert_eq!(white, [9, 10]);
}

#[test]
fn a_part_of_a_texture_is_cleared() {
    let mut guest = Guest::new(core());
    let format = Format::B8G8R8A8_UNORM;
    let request = texture(TextureTarget::Texture2DArray, format, [2, 2, 3]);
    let texture = guest.resource(&request, 48);
    let clear = ClearTexture {
        resource: resource(texture.id),
        level: 0,
        region: wire_virgl::Box3d {
            x: 0,
            y: 1,
            z: 1,
            width: 1,
            height: 1,
            depth: 2,
        },
        texel: [0x0403_0201, 0, 0, 0],
    };
    guest.run(&[Command::ClearTexture(clear)]);
    let pixels = guest.pixels(texture.id, format, [2, 2, 3]);
    let set: Vec<_> = (0..12)
        .filter(|at| pixels[at * 4..][..4] == [1, 2, 3, 4])
        .collect();
    assert_eq!(set, [6, 10]);
    assert_eq!(pixels.iter().filter(|byte| **byte != 0).count(), 8);
}

#[test]
fn a_surface_may_show_a_texture_in_another_format() {
    let mut guest = Guest::new(core());
    let texture = guest.texture(Format::R8G8B8A8_UNORM, 2, 2);
    let srgb = surface(&mut guest, texture.id, Format::R8G8B8A8_SRGB);
    guest.run(&[
        framebuffer(&[srgb], None),
        clear(ClearBuffers::COLOR0, [0.2, 0.2, 0.2, 0.2]),
    ]);
    let pixels = guest.pixels(texture.id, Format::R8G8B8A8_UNORM, [2, 2, 1]);
    assert!((i16::from(pixels[0]) - 124).abs() <= 1, "{}", pixels[0]);
    assert_eq!(pixels[3], 51);
}

#[test]
fn names_that_name_nothing_fail_and_harm_nothing() {
    let mut guest = Guest::new(core());
    let texture = guest.texture(Format::R8G8B8A8_UNORM, 2, 2);
    let surface = surface(&mut guest, texture.id, Format::R8G8B8A8_UNORM);
    let none = ObjectId::new(4000).unwrap();
    let bad = Surface {
        resource: resource(4000),
        format: number(Format::R8G8B8A8_UNORM),
        level: 0,
        first_layer: 0,
        last_layer: 0,
    };
    let of = |surface| Command::CreateObject(none, Object::Surface(surface));
    let good = Surface {
        resource: resource(texture.id),
        ..bad
    };
    let commands = [
        framebuffer(&[none], None),
        framebuffer(&[], Some(none)),
        framebuffer(&[], Some(surface)),
        of(bad),
        of(Surface { level: 1, ..good }),
        of(Surface {
            last_layer: 1,
            ..good
        }),
        of(Surface {
            first_layer: 1,
            last_layer: 1,
            ..good
        }),
        of(Surface {
            format: number(Format::A8_UNORM),
            ..good
        }),
        of(Surface {
            format: number(Format::DXT1_RGBA),
            ..good
        }),
        Command::SetSubCtx(SubContextId(55)),
        Command::DestroySubCtx(SubContextId(0)),
    ];
    for command in &commands {
        assert_eq!(
            guest.failures(std::slice::from_ref(command)),
            1,
            "{command:?}"
        );
    }
    let ends = Command::DestroyObject(ObjectType::Blend, Some(none));
    guest.run(&[
        ends,
        framebuffer(&[surface], None),
        clear(ClearBuffers::COLOR0, [1.0; 4]),
    ]);
    assert_eq!(
        guest.pixels(texture.id, Format::R8G8B8A8_UNORM, [2, 2, 1]),
        [255; 16]
    );
}

#[test]
fn what_is_bound_outlives_its_name() {
    let mut guest = Guest::new(core());
    let texture = guest.texture(Format::R8G8B8A8_UNORM, 2, 2);
    let surface = surface(&mut guest, texture.id, Format::R8G8B8A8_UNORM);
    let destroy = Command::DestroyObject(ObjectType::Surface, Some(surface));
    guest.run(&[framebuffer(&[surface], None), destroy]);
    guest.device.unref(context::ResourceId(texture.id));
    guest.run(&[clear(ClearBuffers::COLOR0, [1.0; 4])]);
}

#[test]
fn sub_contexts_have_their_own_state_and_share_resources() {
    let mut guest = Guest::new(core());
    let texture = guest.texture(Format::R8G8B8A8_UNORM, 2, 2);
    let object = surface(&mut guest, texture.id, Format::R8G8B8A8_UNORM);
    let second = SubContextId(2);
    guest.run(&[Command::CreateSubCtx(second), Command::SetSubCtx(second)]);
    assert_eq!(guest.failures(&[framebuffer(&[object], None)]), 1);
    let other = surface(&mut guest, texture.id, Format::R8G8B8A8_UNORM);
    guest.run(&[
        framebuffer(&[other], None),
        clear(ClearBuffers::COLOR0, [1.0; 4]),
    ]);
    guest.run(&[
        Command::DestroySubCtx(second),
        Command::SetSubCtx(SubContextId(1)),
    ]);
    assert_eq!(
        guest.pixels(texture.id, Format::R8G8B8A8_UNORM, [2, 2, 1]),
        [255; 16]
    );
}

#[test]
fn fences_signal() {
    let mut guest = Guest::new(core());
    let texture = guest.texture(Format::R8G8B8A8_UNORM, 64, 64);
    let surface = surface(&mut guest, texture.id, Format::R8G8B8A8_UNORM);
    guest.run(&[
        framebuffer(&[surface], None),
        clear(ClearBuffers::COLOR0, [1.0; 4]),
    ]);
    for fence in 1..=3 {
        guest.context.fence(RingIdx(0), FenceId(fence)).unwrap();
    }
    let mut events = Vec::new();
    let start = Instant::now();
    while events.len() < 3 && start.elapsed() < Duration::from_secs(20) {
        events.extend(guest.events.drain());
        std::thread::sleep(Duration::from_millis(1));
    }
    let signaled = |fence| Event::FenceSignaled {
        ctx: common::CTX,
        ring: RingIdx(0),
        fence: FenceId(fence),
    };
    assert_eq!(events, [1, 2, 3].map(signaled));
}

#[test]
fn what_is_finished_is_in_the_guests_memory() {
    let mut guest = Guest::new(core());
    let texture = guest.texture(Format::R8G8B8A8_UNORM, 64, 64);
    let surface = surface(&mut guest, texture.id, Format::R8G8B8A8_UNORM);
    let size = HOST_QUERY_STATE_SIZE as u32;
    let memory = guest.buffer(size, BindFlags::CUSTOM);
    let (query, object) = (guest.object(), Object::Query(elapsed(memory.id)));
    guest.run(&[
        Command::CreateObject(query, object),
        framebuffer(&[surface], None),
        Command::BeginQuery(query),
        clear(ClearBuffers::COLOR0, [1.0; 4]),
        Command::EndQuery(query),
        Command::GetQueryResult(GetQueryResult { query, wait: false }),
    ]);
    guest.context.finish().unwrap();
    let mut bytes = [0; HOST_QUERY_STATE_SIZE];
    memory.shm.read(0, &mut bytes).unwrap();
    let state = HostQueryState::from_bytes(&bytes).unwrap();
    assert_eq!(state.state, QueryState::Done);
    assert!(matches!(state.result, QueryValue::U64(_)), "{state:?}");
}

fn elapsed(memory: u32) -> Query {
    Query {
        query_type: QueryType::TimeElapsed,
        index: 0,
        offset: 0,
        resource: resource(memory),
    }
}

#[test]
fn a_stream_that_cannot_be_parsed_ends_the_context() {
    let mut guest = Guest::new(core());
    let error = guest.context.submit(&[0xff; 8]).unwrap_err();
    assert!(matches!(error, context::Error::Malformed(_)));
    assert_eq!(
        guest.context.submit(&[]).unwrap_err(),
        context::Error::Ended
    );
}

/// Where red and alpha of the guest's colour go in the host's texture, if it has one channel.
#[test]
fn luminance_and_alpha_are_cleared() {
    for renderer in both() {
        for (format, expected) in [(Format::L8_UNORM, 0x33), (Format::A8_UNORM, 0xff)] {
            let mut guest = Guest::new(renderer);
            let texture = guest.texture(format, 4, 4);
            let object = surface(&mut guest, texture.id, format);
            guest.run(&[
                framebuffer(&[object], None),
                clear(ClearBuffers::COLOR0, [0.2, 0.4, 0.6, 1.0]),
            ]);
            let pixels = guest.pixels(texture.id, format, [4, 4, 1]);
            assert_eq!(pixels, [expected; 16], "{format}");
        }
    }
}
