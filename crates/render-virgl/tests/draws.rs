//! Draws, and the shaders and state that they need.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::scene::{
    CONSTANT, DRAW, ELEMENT, OPAQUE, POSITION, QUARTER, RASTERIZER, SIZE, Scene, WHOLE, blend,
    draw, rows, text,
};
use common::{all, both, buffer, core, number, resource, texture, whole};
use format::Format;
use wire::Guest as Bytes;
use wire_virgl::{
    BindFlags, BindableType, BlendTarget, Chunk, ColorMask, Command, CompareFunc, CullFace, Draw,
    ImageFilter, IndexBuffer, IndexSize, MipFilter, Object, Rasterizer, RasterizerFlags,
    SamplerState, SamplerView, Scissor, Shader, ShaderExtra, ShaderStage, Slots, StageSlots,
    TextureRange, TextureTarget, VertexBuffer, VertexElement, ViewRange, ViewSwizzle, Viewport,
    Wrap,
};

#[test]
fn a_strip_is_drawn_where_it_belongs() {
    for renderer in all() {
        let mut scene = Scene::new(renderer, QUARTER);
        scene.clear();
        scene.color([0.0, 1.0, 0.0, 1.0]);
        scene.guest.run(&[draw(DRAW)]);
        assert_eq!(scene.picture(), rows("gggg....", "........"));
        scene.color([1.0, 0.0, 0.0, 1.0]);
        scene.guest.run(&[draw(Draw {
            start: 1,
            count: 3,
            ..DRAW
        })]);
        let picture = scene.picture();
        assert_eq!(picture[0], "ggggg...".replace("ggggg...", &picture[0]));
        assert!(
            picture[3].starts_with("rrrr") && picture[0].starts_with('g'),
            "{picture:?}"
        );
    }
}

/// `VIRGL_RESOURCE_Y_0_TOP` is about what guests do not see.
#[test]
fn the_first_row_is_the_first_whatever_the_flag_says() {
    for renderer in all() {
        let mut scene = Scene::new(renderer, QUARTER);
        let request = context::ResourceRequest {
            flags: 1,
            ..texture(
                TextureTarget::Texture2D,
                Format::R8G8B8A8_UNORM,
                [SIZE, SIZE, 1],
            )
        };
        let size = u64::from(4 * SIZE * SIZE);
        let target = scene.guest.resource(&request, size).id;
        let mut pixels = [0, 0, 0, 255].repeat((SIZE * SIZE) as usize);
        pixels[..4].copy_from_slice(&[255; 4]);
        scene.guest.put(target, &whole([SIZE, SIZE, 1]), &pixels);
        assert_eq!(scene.picture_of(target)[0], "w.......");
        let surface = scene.surface(target, Format::R8G8B8A8_UNORM);
        scene.framebuffer(&[surface], None);
        scene.color([0.0, 1.0, 0.0, 1.0]);
        scene.draw();
        assert_eq!(scene.picture_of(target), rows("gggg....", "........"));
    }
}

#[test]
fn a_viewport_with_a_negative_height_turns_rows_round() {
    for renderer in all() {
        let mut scene = Scene::new(renderer, QUARTER);
        let half = SIZE as f32 / 2.0;
        let viewport = Viewport {
            scale: [half, -half, 0.5],
            translate: [half, half, 0.5],
        };
        let viewport = Slots {
            start: 0,
            values: vec![viewport],
        };
        scene.color([0.0, 1.0, 0.0, 1.0]);
        scene.clear();
        scene
            .guest
            .run(&[Command::SetViewportState(viewport), draw(DRAW)]);
        assert_eq!(scene.picture(), rows("........", "gggg...."));
    }
}

#[test]
fn indices_name_vertices() {
    for renderer in all() {
        let mut scene = Scene::new(renderer, QUARTER);
        let indices = scene
            .guest
            .resource(&buffer(12, BindFlags::INDEX_BUFFER), 12)
            .id;
        let bytes: Vec<u8> = [9u16, 0, 1, 2, 3, 9]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        scene.guest.put(indices, &whole([12, 1, 1]), &bytes);
        let index_buffer = IndexBuffer {
            resource: resource(indices),
            index_size: IndexSize::U16,
            offset: 2,
        };
        scene.clear();
        scene.color([0.0, 0.0, 1.0, 1.0]);
        let indexed = Draw {
            indexed: true,
            start: 1,
            ..DRAW
        };
        scene
            .guest
            .run(&[Command::SetIndexBuffer(Some(index_buffer)), draw(indexed)]);
        assert_eq!(scene.picture(), rows("bbbb....", "........"));
        let beyond = [
            draw(Draw {
                count: 6,
                ..indexed
            }),
            draw(Draw {
                count: u32::MAX,
                ..indexed
            }),
        ];
        assert_eq!(scene.guest.failures(&beyond), 2);
        scene.guest.run(&[Command::SetIndexBuffer(None)]);
        assert_eq!(scene.guest.failures(&[draw(indexed)]), 1);
    }
}

/// At one that OpenGL ES takes for a vertex, too; and where none is such an index, none is.
#[test]
fn primitives_start_anew_at_any_index() {
    for renderer in both() {
        for (index_size, bytes) in [(IndexSize::U8, 1), (IndexSize::U16, 2), (IndexSize::U32, 4)] {
            let mut scene = Scene::new(renderer, WHOLE);
            let indices = scene.guest.buffer(64, BindFlags::INDEX_BUFFER).id;
            let words = [9u32, 0, 1, 2, 3, 3, 3];
            let all = words
                .iter()
                .flat_map(|word| word.to_le_bytes().into_iter().take(bytes));
            let all: Vec<u8> = all.collect();
            let size = all.len() as u32;
            scene.guest.put(indices, &whole([size, 1, 1]), &all);
            let index_buffer = IndexBuffer {
                resource: resource(indices),
                index_size,
                offset: bytes as u32,
            };
            scene.color([0.0, 0.0, 1.0, 1.0]);
            scene
                .guest
                .run(&[Command::SetIndexBuffer(Some(index_buffer))]);
            let drawn = |scene: &mut Scene, restart_index| {
                scene.clear();
                let indexed = Draw {
                    indexed: true,
                    count: 6,
                    primitive_restart: true,
                    restart_index,
                    ..DRAW
                };
                scene.guest.run(&[draw(indexed)]);
                scene.picture()
            };
            // Without the fourth, only the first triangle is whole.
            let half = drawn(&mut scene, 3);
            assert!(
                half[0].starts_with('b') && half[7].ends_with('.'),
                "{half:?}"
            );
            assert_eq!(
                drawn(&mut scene, 1 << 20),
                ["bbbbbbbb"; 8],
                "{index_size:?}"
            );
            let beyond = draw(Draw {
                indexed: true,
                count: u32::MAX / 2,
                instance_count: 1,
                primitive_restart: true,
                restart_index: 3,
                ..DRAW
            });
            assert_eq!(scene.guest.failures(&[beyond]), 1);
        }
    }
}

#[test]
fn scissors_masks_and_culling_keep_pixels_out() {
    for renderer in all() {
        let mut scene = Scene::new(renderer, WHOLE);
        let flags = RASTERIZER.flags | RasterizerFlags::SCISSOR;
        let scissor = Scissor {
            min: (2, 0),
            max: (8, 4),
        };
        scene.clear();
        scene.color([1.0; 4]);
        scene.bind(
            BindableType::Rasterizer,
            Object::Rasterizer(Rasterizer {
                flags,
                ..RASTERIZER
            }),
        );
        let scissor = Command::SetScissorState(Slots {
            start: 0,
            values: vec![scissor],
        });
        scene.guest.run(&[scissor, draw(DRAW)]);
        assert_eq!(scene.picture(), rows("..wwwwww", "........"));
        // A clear goes past the scissor.
        scene.clear();
        assert_eq!(scene.picture(), rows("........", "........"));
        let red = BlendTarget {
            mask: ColorMask::R,
            ..OPAQUE
        };
        scene.bind(BindableType::Blend, Object::Blend(Box::new(blend(red))));
        scene.guest.run(&[draw(DRAW)]);
        assert_eq!(scene.picture(), rows("..rrrrrr", "........"));
        let cull = |cull| Object::Rasterizer(Rasterizer { cull, ..RASTERIZER });
        let mut seen = Vec::new();
        for face in [CullFace::Front, CullFace::Back] {
            scene.clear();
            scene.bind(BindableType::Rasterizer, cull(face));
            scene.guest.run(&[draw(DRAW)]);
            seen.push(scene.picture() == rows("rrrrrrrr", "rrrrrrrr"));
        }
        // Corners go counter-clockwise with rows upwards, so clockwise with rows downwards,
        // which is the front where FRONT_CCW is not set.
        assert_eq!(seen, [false, true]);
    }
}

#[test]
fn the_fragments_row_counts_from_the_first_row() {
    const ROWS: &str = "FRAG\nDCL IN[0], POSITION, LINEAR\nDCL OUT[0], COLOR\nDCL TEMP[0]\n\
        IMM[0] FLT32 { 4.0, 0.0, 1.0, 0.0 }\n\
        0: SLT TEMP[0].x, IN[0].yyyy, IMM[0].xxxx\n\
        1: MOV OUT[0].x, TEMP[0].xxxx\n  2: MOV OUT[0].yzw, IMM[0].yyyz\n  3: END\n";
    let lower = ROWS.replace("FRAG\n", "FRAG\nPROPERTY FS_COORD_ORIGIN LOWER_LEFT\n");
    for renderer in all() {
        let mut scene = Scene::new(renderer, WHOLE);
        scene.shader(ShaderStage::Fragment, ROWS);
        scene.clear();
        scene.guest.run(&[draw(DRAW)]);
        assert_eq!(scene.picture(), rows("rrrrrrrr", "........"));
        scene.shader(ShaderStage::Fragment, &lower);
        scene.guest.run(&[draw(DRAW)]);
        assert_eq!(scene.picture(), rows("........", "rrrrrrrr"));
    }
}

const SAMPLED: &str = "FRAG\nDCL IN[0], GENERIC[0], PERSPECTIVE\nDCL OUT[0], COLOR\nDCL SAMP[0]\n\
    DCL SVIEW[0], 2D, FLOAT\n  0: TEX OUT[0], IN[0], SAMP[0], 2D\n  1: END\n";
const COORDINATE: &str = "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[0]\n\
    IMM[0] FLT32 { 0.5, 0.5, 0.0, 0.0 }\n  0: MOV OUT[0], IN[0]\n\
    1: MAD OUT[1], IN[0], IMM[0].xxzz, IMM[0].yyzz\n  2: END\n";

#[test]
fn textures_are_sampled_through_swizzles() {
    // The format, its four texels in two rows, and what is seen.
    let cases: [(Format, &[u8], [&str; 2]); 4] = [
        (
            Format::B8G8R8A8_UNORM,
            &[255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 255, 255, 255, 0],
            ["bbbbgggg", "rrrrwwww"],
        ),
        (
            Format::L8_UNORM,
            &[255, 0, 0, 255],
            ["wwww....", "....wwww"],
        ),
        (
            Format::A8_UNORM,
            &[255, 0, 0, 255],
            ["........", "........"],
        ),
        (
            Format::I8_UNORM,
            &[255, 0, 0, 255],
            ["wwww....", "....wwww"],
        ),
    ];
    for renderer in all() {
        let mut scene = Scene::new(renderer, WHOLE);
        scene.shader(ShaderStage::Vertex, COORDINATE);
        scene.shader(ShaderStage::Fragment, SAMPLED);
        let sampler = scene.make(Object::SamplerState(NEAREST));
        for (format, texels, [top, bottom]) in cases {
            let texture = scene.guest.texture(format, 2, 2).id;
            scene.guest.put(texture, &whole([2, 2, 1]), texels);
            let view = scene.make(Object::SamplerView(view(texture, format)));
            let slots = |id| StageSlots {
                stage: ShaderStage::Fragment,
                slots: Slots {
                    start: 0,
                    values: vec![Some(id)],
                },
            };
            scene.clear();
            scene.guest.run(&[
                Command::SetSamplerViews(slots(view)),
                Command::BindSamplerStates(slots(sampler)),
                draw(DRAW),
            ]);
            assert_eq!(scene.picture(), rows(top, bottom), "{format}");
        }
    }
}

const NEAREST: SamplerState = SamplerState {
    wrap: [Wrap::ClampToEdge; 3],
    min_filter: ImageFilter::Nearest,
    mip_filter: MipFilter::None,
    mag_filter: ImageFilter::Nearest,
    compare: false,
    compare_func: CompareFunc::Always,
    seamless_cube_map: false,
    max_anisotropy: 0,
    lod_bias: 0.0,
    min_lod: 0.0,
    max_lod: 10.0,
    border_color: [0; 4],
};

fn view(texture: u32, format: Format) -> SamplerView {
    SamplerView {
        resource: resource(texture),
        format: number(format),
        target: TextureTarget::Texture2D,
        range: ViewRange::of_texture(TextureRange {
            first_layer: 0,
            last_layer: 0,
            first_level: 0,
            last_level: 0,
        }),
        swizzle: [
            ViewSwizzle::Red,
            ViewSwizzle::Green,
            ViewSwizzle::Blue,
            ViewSwizzle::Alpha,
        ],
    }
}

#[test]
fn long_shaders_come_in_chunks() {
    let mut scene = Scene::new(core(), WHOLE);
    let whole = text(CONSTANT);
    let id = scene.guest.object();
    let chunk = |chunk, text| {
        Command::CreateObject(
            id,
            Object::Shader(Shader {
                stage: ShaderStage::Fragment,
                chunk,
                num_tokens: 100,
                extra: ShaderExtra::StreamOutput(None),
                text: Bytes::new(text),
            }),
        )
    };
    let total = whole.len() as u32;
    scene.guest.run(&[
        chunk(Chunk::First { total }, &whole[..40]),
        chunk(Chunk::Continuation { offset: 40 }, &whole[40..80]),
        chunk(Chunk::Continuation { offset: 80 }, &whole[80..]),
        Command::BindShader(Some(id), ShaderStage::Fragment),
    ]);
    scene.color([1.0; 4]);
    scene.guest.run(&[draw(DRAW)]);
    assert_eq!(scene.picture(), rows("wwwwwwww", "wwwwwwww"));
    let gap = [
        chunk(Chunk::First { total }, &whole[..40]),
        chunk(Chunk::Continuation { offset: 44 }, &whole[44..]),
    ];
    assert_eq!(scene.guest.failures(&gap), 1);
}

#[test]
fn shaders_that_are_none_fail_and_harm_nothing() {
    let mut scene = Scene::new(core(), WHOLE);
    let id = scene.guest.object();
    for source in [
        "",
        "nonsense",
        "FRAG\nDCL OUT[0], COLOR\n 0: MOV OUT[0], TEMP[7]\n 1: END\n",
        POSITION,
    ] {
        let source = text(source);
        let shader = Shader {
            stage: ShaderStage::Fragment,
            chunk: Chunk::First {
                total: source.len() as u32,
            },
            num_tokens: 0,
            extra: ShaderExtra::StreamOutput(None),
            text: Bytes::new(&source),
        };
        let create = Command::CreateObject(id, Object::Shader(shader));
        assert_eq!(scene.guest.failures(&[create]), 1);
    }
    scene
        .guest
        .run(&[Command::BindShader(None, ShaderStage::Vertex)]);
    assert_eq!(scene.guest.failures(&[draw(DRAW)]), 1);
}

#[test]
fn a_stride_of_zero_repeats_the_value() {
    const TINTED: &str = "VERT\nDCL IN[0]\nDCL IN[1]\nDCL OUT[0], POSITION\n\
        DCL OUT[1], GENERIC[0]\n  0: MOV OUT[0], IN[0]\n  1: MOV OUT[1], IN[1]\n  2: END\n";
    const PASSED: &str = "FRAG\nDCL IN[0], GENERIC[0], PERSPECTIVE\nDCL OUT[0], COLOR\n\
        0: MOV OUT[0], IN[0]\n  1: END\n";
    for renderer in all() {
        let mut scene = Scene::new(renderer, WHOLE);
        let tint = scene.guest.buffer(32, BindFlags::VERTEX_BUFFER).id;
        let color = [0.0f32, 0.0, 1.0, 1.0];
        let bytes: Vec<u8> = color.iter().flat_map(|n| n.to_le_bytes()).collect();
        scene.guest.put(tint, &whole([16, 1, 1]), &bytes);
        scene.shader(ShaderStage::Vertex, TINTED);
        scene.shader(ShaderStage::Fragment, PASSED);
        let second = VertexElement {
            vertex_buffer: 1,
            ..ELEMENT
        };
        scene.bind(
            BindableType::VertexElements,
            Object::VertexElements(vec![ELEMENT, second]),
        );
        let buffer = |id, stride| VertexBuffer {
            stride,
            offset: 0,
            resource: Some(resource(id)),
        };
        let buffers = vec![buffer(scene.vertices, 16), buffer(tint, 0)];
        scene.clear();
        scene
            .guest
            .run(&[Command::SetVertexBuffers(buffers), draw(DRAW)]);
        assert_eq!(scene.picture(), rows("bbbbbbbb", "bbbbbbbb"));
    }
}

#[test]
fn a_draw_without_an_end_is_refused() {
    let mut scene = Scene::new(core(), WHOLE);
    let endless = [
        draw(Draw {
            instance_count: u32::MAX,
            ..DRAW
        }),
        draw(Draw {
            count: u32::MAX,
            ..DRAW
        }),
    ];
    assert_eq!(scene.guest.failures(&endless), 2);
}
