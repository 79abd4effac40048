//! What has gone wrong in other renderers, one test a class. The numbers are of the first
//! reports; what is not here is tested where it belongs: transfers past an end (CVE-2019-18391,
//! CVE-2022-0135) in `transfers.rs`, shaders that are none (CVE-2017-6209, -6210, -6317, -6355) in
//! `draws.rs` and in the shader crate, capsets past their end (CVE-2021-3546) in `wire-virgl` and
//! `door-vtest`, what contexts leave behind in `growth.rs`.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::scene::{DRAW, ELEMENT, Scene, WHOLE, draw, text};
use common::{CTX, Guest, both, core, number, resource, whole};
use context::{
    Backing, CapsetId, Error, FenceId, Piece, Renderer as _, ResourceId, RingIdx, TransferTarget,
};
use format::Format;
use host_memory::{Pages, Shm};
use wire::Guest as Bytes;
use wire_virgl::{
    BindFlags, BindableType, BufferSlot, CAPS_V1_SIZE, CAPS_V2_SIZE, Chunk, Clear, ClearBuffers,
    Command, Draw, Framebuffer, IndexBuffer, IndexSize, Object, ObjectType, PrimitiveMode, Query,
    QueryType, Shader, ShaderExtra, ShaderStage, Slots, StageSlots, StreamoutTarget, SubContextId,
    TextureTarget, UniformBuffer, UniformIndex, VertexBuffer, VertexElement,
};

fn backing(size: u64) -> Backing {
    let shm = Shm::new("more", size).unwrap();
    Backing::new([Piece::new(Pages::from(shm), 0, size).unwrap()]).unwrap()
}

/// CVE-2016-10163, CVE-2016-10214: memory that is attached again, and the first is forgotten.
#[test]
fn memory_is_attached_once() {
    let mut guest = Guest::new(core());
    let memory = guest.buffer(16, BindFlags::CUSTOM);
    let resources = guest.device.resources().unwrap();
    let id = ResourceId(memory.id);
    let again = resources.attach_backing(id, backing(16));
    assert!(matches!(again, Err(Error::Misbehaved(_))), "{again:?}");
    resources.detach_backing(id).unwrap();
    resources.detach_backing(id).unwrap();
    resources.attach_backing(id, backing(16)).unwrap();
    assert!(resources.detach_backing(ResourceId(4242)).is_err());
}

/// CVE-2017-5956: vertices past the end of their buffers.
#[test]
fn a_draw_past_its_buffers_harms_nothing() {
    for renderer in both() {
        let mut scene = Scene::new(renderer, WHOLE);
        let indices = scene.guest.buffer(8, BindFlags::INDEX_BUFFER).id;
        scene.guest.put(indices, &whole([8, 1, 1]), &[0xff; 8]);
        let bind = |offset, stride, resource| {
            Command::SetVertexBuffers(vec![VertexBuffer {
                stride,
                offset,
                resource,
            }])
        };
        let vertices = Some(resource(scene.vertices));
        let buffers = [
            bind(0, 16, vertices),
            bind(60, 16, vertices),
            bind(64, 16, vertices),
            bind(u32::MAX, 16, vertices),
            bind(0, u32::MAX, vertices),
            bind(0, 2048, vertices),
            bind(0, 16, None),
            Command::SetVertexBuffers(vec![]),
        ];
        let draws = [
            Draw {
                start: u32::MAX - 3,
                ..DRAW
            },
            Draw {
                count: 100_000,
                ..DRAW
            },
            Draw {
                start_instance: u32::MAX,
                instance_count: 2,
                ..DRAW
            },
            Draw {
                indexed: true,
                index_bias: i32::MIN,
                ..DRAW
            },
            Draw {
                indexed: true,
                count: 1000,
                index_bias: i32::MAX,
                ..DRAW
            },
        ];
        for buffers in buffers {
            for index_size in [IndexSize::U8, IndexSize::U16, IndexSize::U32] {
                let index = IndexBuffer {
                    resource: resource(indices),
                    index_size,
                    offset: 4,
                };
                scene
                    .guest
                    .failures(&[buffers.clone(), Command::SetIndexBuffer(Some(index))]);
                for one in draws {
                    scene.guest.failures(&[draw(one)]);
                }
            }
        }
        scene.guest.run(&[bind(0, 16, vertices)]);
        still_draws(&mut scene);
    }
}

fn still_draws(scene: &mut Scene) {
    scene.clear();
    scene.color([0.0, 1.0, 0.0, 1.0]);
    scene.draw();
    assert_eq!(scene.picture(), ["gggggggg"; 8]);
}

/// CVE-2017-5994 and its like: attributes of buffers that are not there, and far inside of one.
#[test]
fn attributes_of_no_buffer_harm_nothing() {
    let mut scene = Scene::new(core(), WHOLE);
    let first = scene.make(Object::VertexElements(vec![ELEMENT]));
    let far = |vertex_buffer, src_offset| VertexElement {
        vertex_buffer,
        src_offset,
        ..ELEMENT
    };
    for element in [far(31, 0), far(0, u32::MAX), far(0, 4096), far(7, 1 << 31)] {
        let id = scene.guest.object();
        let made = Command::CreateObject(id, Object::VertexElements(vec![element]));
        if scene.guest.failures(&[made]) == 0 {
            scene.guest.failures(&[
                Command::BindObject(BindableType::VertexElements, Some(id)),
                draw(DRAW),
            ]);
        }
    }
    scene.guest.run(&[Command::BindObject(
        BindableType::VertexElements,
        Some(first),
    )]);
    still_draws(&mut scene);
}

/// CVE-2019-18388: a framebuffer without what it needs.
#[test]
fn drawing_to_nothing_harms_nothing() {
    let mut scene = Scene::new(core(), WHOLE);
    let surface = wire_virgl::Surface {
        resource: resource(scene.target),
        format: number(Format::R8G8B8A8_UNORM),
        level: 0,
        first_layer: 0,
        last_layer: 0,
    };
    let surface = scene.make(Object::Surface(surface));
    let framebuffer = |color| {
        Command::SetFramebufferState(Framebuffer {
            depth_stencil: None,
            color,
        })
    };
    let clear = Command::Clear(Clear {
        buffers: ClearBuffers::all(),
        color: [u32::MAX; 4],
        depth: f64::NAN,
        stencil: u32::MAX,
    });
    for color in [vec![], vec![None], vec![None, None, Some(surface)]] {
        scene.guest.failures(&[framebuffer(color), clear.clone()]);
        scene.guest.failures(&[draw(DRAW)]);
    }
    scene.guest.run(&[framebuffer(vec![Some(surface)])]);
    still_draws(&mut scene);
    // Nothing is bound in a new sub-context.
    let sub = SubContextId(9);
    scene
        .guest
        .run(&[Command::CreateSubCtx(sub), Command::SetSubCtx(sub)]);
    let nothing = [
        clear,
        draw(DRAW),
        draw(Draw {
            indexed: true,
            ..DRAW
        }),
        draw(Draw {
            mode: PrimitiveMode::Patches,
            ..DRAW
        }),
    ];
    assert!(scene.guest.failures(&nothing) >= 3);
    let first = SubContextId(1);
    scene.guest.run(&[Command::SetSubCtx(first)]);
    still_draws(&mut scene);
}

/// CVE-2022-0175: memory that was another's.
#[test]
fn what_is_new_is_zero() {
    const SIDE: u32 = 64;
    let formats = [
        Format::R8G8B8A8_UNORM,
        Format::R32G32B32A32_FLOAT,
        Format::R8_UNORM,
        Format::Z32_FLOAT,
        Format::R16G16_SINT,
    ];
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        for round in 0..3 {
            for format in formats {
                let size = format.level_size(SIDE, SIDE, 1).unwrap() as usize;
                let texture = guest.texture(format, SIDE, SIDE).id;
                let all = whole([SIDE, SIDE, 1]);
                let mut bytes = vec![0x5a; size];
                let resources = guest.device.resources().unwrap();
                let target = TransferTarget::Bytes(&mut bytes);
                let read =
                    resources.transfer_from_host(Some(CTX), ResourceId(texture), &all, target);
                // OpenGL ES does not read all.
                if read.is_ok() {
                    assert!(bytes.iter().all(|byte| *byte == 0), "{format:?} {round}");
                }
                guest.put(texture, &all, &vec![0x3f; size]);
                guest.device.unref(ResourceId(texture));
            }
            for bind in [
                BindFlags::VERTEX_BUFFER,
                BindFlags::CUSTOM,
                BindFlags::STAGING,
            ] {
                let buffer = guest.buffer(SIDE * SIDE, bind).id;
                let all = whole([SIDE * SIDE, 1, 1]);
                let bytes = guest.get(buffer, &all, (SIDE * SIDE) as usize);
                assert!(bytes.iter().all(|byte| *byte == 0), "{bind:?} {round}");
                guest.put(buffer, &all, &vec![0x77; (SIDE * SIDE) as usize]);
                guest.device.unref(ResourceId(buffer));
            }
        }
    }
}

/// Contexts and resources that are used after they ended.
#[test]
fn what_is_bound_may_end_at_any_time() {
    for renderer in both() {
        let mut scene = Scene::new(renderer, WHOLE);
        let bound = bind_everything(&mut scene);
        for id in bound {
            scene.guest.device.unref(ResourceId(id));
            scene.guest.device.unref(ResourceId(id));
            // It may draw with what it was, or fail; its name is nobody's.
            scene.guest.failures(&[draw(DRAW)]);
            let unknown = Command::GetMemoryInfo(resource(id));
            assert_eq!(scene.guest.failures(&[unknown]), 1);
        }
        // The first two are what is drawn to and what is drawn.
        for id in [scene.target, scene.vertices] {
            scene.guest.device.unref(ResourceId(id));
            scene.guest.failures(&[draw(DRAW)]);
        }
        scene.guest.context.finish().unwrap();
        drop(scene);
        still_draws(&mut Scene::new(renderer, WHOLE));
    }
}

/// Buffers in every place that there is for them, and a query that is under way.
fn bind_everything(scene: &mut Scene) -> [u32; 5] {
    let binds = [
        BindFlags::CONSTANT_BUFFER,
        BindFlags::SHADER_BUFFER,
        BindFlags::INDEX_BUFFER,
        BindFlags::STREAM_OUTPUT,
        BindFlags::CUSTOM,
    ];
    let ids = binds.map(|bind| scene.guest.buffer(256, bind).id);
    let [constants, storage, indices, streamed, answers] = ids;
    let query = scene.make(Object::Query(Query {
        query_type: QueryType::OcclusionPredicate,
        index: 0,
        offset: 0,
        resource: resource(answers),
    }));
    let target = scene.make(Object::StreamoutTarget(StreamoutTarget {
        resource: resource(streamed),
        offset: 0,
        size: 256,
    }));
    let slot = BufferSlot {
        offset: 0,
        length: 256,
        resource: Some(resource(storage)),
    };
    scene.guest.run(&[
        Command::SetUniformBuffer(UniformBuffer {
            stage: ShaderStage::Fragment,
            index: UniformIndex::new(1).unwrap(),
            offset: 0,
            length: 256,
            resource: Some(resource(constants)),
        }),
        Command::SetShaderBuffers(StageSlots {
            stage: ShaderStage::Fragment,
            slots: Slots {
                start: 0,
                values: vec![slot],
            },
        }),
        Command::SetIndexBuffer(Some(IndexBuffer {
            resource: resource(indices),
            index_size: IndexSize::U16,
            offset: 0,
        })),
        Command::SetStreamoutTargets(wire_virgl::StreamoutTargets {
            append: 0,
            targets: vec![Some(target)],
        }),
        Command::BeginQuery(query),
        draw(DRAW),
    ]);
    ids
}

/// CVE-2020-8003: what is ended twice.
#[test]
fn ending_twice_is_ending_once() {
    let mut scene = Scene::new(core(), WHOLE);
    let element = scene.make(Object::VertexElements(vec![ELEMENT]));
    let sub = SubContextId(5);
    scene.guest.run(&[
        Command::DestroyObject(ObjectType::VertexElements, Some(element)),
        Command::DestroyObject(ObjectType::VertexElements, Some(element)),
        Command::DestroyObject(ObjectType::Surface, Some(element)),
        Command::CreateSubCtx(sub),
        Command::CreateSubCtx(sub),
        Command::SetSubCtx(sub),
        Command::DestroySubCtx(sub),
        Command::DestroySubCtx(sub),
        Command::SetSubCtx(SubContextId(1)),
    ]);
    let texture = scene.guest.texture(Format::R8G8B8A8_UNORM, 4, 4).id;
    for _ in 0..2 {
        scene.guest.context.detach(ResourceId(texture));
        scene.guest.device.unref(ResourceId(texture));
    }
    still_draws(&mut scene);
    // And fences of a context that is gone.
    for number in 0..20 {
        scene
            .guest
            .context
            .fence(RingIdx(0), FenceId(number))
            .unwrap();
    }
    drop(scene);
}

/// CVE-2017-5993: a shader that nests without an end.
#[test]
fn shaders_nest_only_so_deep() {
    let mut guest = Guest::new(core());
    for (depth, failures) in [(100, 0), (100_000, 1)] {
        let mut source = "FRAG\nDCL OUT[0], COLOR\nDCL TEMP[0]\n".to_owned();
        let mut line = 0;
        let mut add = |words: &str| {
            source += &format!("{line}: {words}\n");
            line += 1;
        };
        (0..depth).for_each(|_| add("UIF TEMP[0].xxxx"));
        (0..depth).for_each(|_| add("ENDIF"));
        add("MOV OUT[0], TEMP[0]");
        add("END");
        let source = text(&source);
        // Longer than a command: in chunks.
        let id = guest.object();
        let mut failed = 0;
        for (at, chunk) in source.chunks(60_000).enumerate() {
            let shader = Shader {
                stage: ShaderStage::Fragment,
                chunk: match at {
                    0 => Chunk::First {
                        total: source.len() as u32,
                    },
                    at => Chunk::Continuation {
                        offset: (at * 60_000) as u32,
                    },
                },
                num_tokens: 300,
                extra: ShaderExtra::StreamOutput(None),
                text: Bytes::new(chunk),
            };
            failed += guest.failures(&[Command::CreateObject(id, Object::Shader(shader))]);
        }
        assert_eq!(failed, failures, "{depth}");
    }
}

/// CVE-2021-3546: more of a capset than there is.
#[test]
fn capsets_are_as_long_as_they_say() {
    for renderer in both() {
        for (id, size, newest) in [
            (CapsetId::VIRGL, CAPS_V1_SIZE, 1),
            (CapsetId::VIRGL2, CAPS_V2_SIZE, 2),
        ] {
            for version in 0..=newest {
                assert_eq!(renderer.capset(id, version).unwrap().len(), size);
            }
            for version in [newest + 1, u32::MAX] {
                assert_eq!(renderer.capset(id, version), None);
            }
            let said = renderer.capsets().into_iter().find(|one| one.id == id);
            assert_eq!(said.unwrap().max_size as usize, size);
        }
    }
}

/// Sizes whose product is no size.
#[test]
fn resources_too_large_are_refused() {
    let mut guest = Guest::new(core());
    let resources = guest.device.resources().unwrap();
    let side = 1 << 30;
    for (target, [w, h, d]) in [
        (TextureTarget::Texture2D, [side, side, 1]),
        (TextureTarget::Texture3D, [side, side, side]),
        (TextureTarget::Texture2DArray, [16384, 16384, u32::MAX]),
        (TextureTarget::Texture1D, [u32::MAX, 1, 1]),
    ] {
        let request = common::texture(target, Format::R32G32B32A32_FLOAT, [w, h, d]);
        assert!(
            resources.create(ResourceId(77), &request).is_err(),
            "{target:?}"
        );
    }
    for bind in [BindFlags::CUSTOM, BindFlags::STAGING] {
        let request = common::buffer(u32::MAX, bind);
        assert!(resources.create(ResourceId(77), &request).is_err());
    }
    // The name is still nobody's.
    assert!(resources.detach_backing(ResourceId(77)).is_err());
}
