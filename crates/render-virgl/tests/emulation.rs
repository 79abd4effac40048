//! What OpenGL of the core profile does not have as guests mean it.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::scene::{DRAW, RASTERIZER, SIZE, Scene, WHOLE, draw};
use common::{Guest, both, core, number, resource, whole};
use format::Format;
use wire_virgl::{
    BindFlags, BindableType, Blit, BlitBox, BlitEnd, BlitMask, BufferRange, BufferSlot, CapsV2,
    Command, CompareFunc, Draw, Framebuffer, FramebufferNoAttach, ImageFilter, MemoryBarrier,
    MipFilter, Object, PrimitiveMode, Rasterizer, RasterizerFlags, SamplerState, SamplerView,
    ShaderStage, Slots, StageSlots, Surface, TextureRange, TextureTarget, ViewRange, ViewSwizzle,
    Wrap,
};

/// Four textures wide, and in the middle of its height.
const WIDE: &str = "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[0]\n\
    IMM[0] FLT32 { 2.0, 0.0, 0.5, 1.0 }\n  0: MOV OUT[0], IN[0]\n\
    1: MAD OUT[1], IN[0], IMM[0].xyyy, IMM[0].zzyw\n  2: END\n";
const SAMPLED: &str = "FRAG\nDCL IN[0], GENERIC[0], PERSPECTIVE\nDCL OUT[0], COLOR\nDCL SAMP[0]\n\
    DCL SVIEW[0], 2D, FLOAT\n  0: TEX OUT[0], IN[0], SAMP[0], 2D\n  1: END\n";

const SAMPLER: SamplerState = SamplerState {
    wrap: [Wrap::Clamp; 3],
    min_filter: ImageFilter::Linear,
    mip_filter: MipFilter::None,
    mag_filter: ImageFilter::Linear,
    compare: false,
    compare_func: CompareFunc::Always,
    seamless_cube_map: false,
    max_anisotropy: 0,
    lod_bias: 0.0,
    min_lod: 0.0,
    max_lod: 10.0,
    border_color: [0; 4],
};

const SEEN: [ViewSwizzle; 4] = [
    ViewSwizzle::Red,
    ViewSwizzle::Green,
    ViewSwizzle::Blue,
    ViewSwizzle::Alpha,
];

fn sample(scene: &mut Scene, state: SamplerState) {
    let sampler = scene.make(Object::SamplerState(state));
    let slots = Slots {
        start: 0,
        values: vec![Some(sampler)],
    };
    scene.guest.run(&[Command::BindSamplerStates(StageSlots {
        stage: ShaderStage::Fragment,
        slots,
    })]);
}

fn show(scene: &mut Scene, texture: u32, format: Format, swizzle: [ViewSwizzle; 4]) {
    let range = TextureRange {
        first_layer: 0,
        last_layer: 0,
        first_level: 0,
        last_level: 0,
    };
    show_range(scene, texture, format, swizzle, range);
}

fn show_range(
    scene: &mut Scene,
    texture: u32,
    format: Format,
    swizzle: [ViewSwizzle; 4],
    range: TextureRange,
) {
    let view = scene.make(Object::SamplerView(SamplerView {
        resource: resource(texture),
        format: number(format),
        target: TextureTarget::Texture2D,
        range: ViewRange::of_texture(range),
        swizzle,
    }));
    let slots = Slots {
        start: 0,
        values: vec![Some(view)],
    };
    scene.guest.run(&[Command::SetSamplerViews(StageSlots {
        stage: ShaderStage::Fragment,
        slots,
    })]);
}

/// The pixels of the first row.
fn first_row(scene: &mut Scene) -> Vec<[u8; 4]> {
    let size = [SIZE, SIZE, 1];
    let pixels = scene
        .guest
        .pixels(scene.target, Format::R8G8B8A8_UNORM, size);
    let pixels = pixels.as_chunks::<4>().0;
    pixels[..SIZE as usize].to_vec()
}

/// A border of this colour.
fn border(color: [f32; 4]) -> [u32; 4] {
    color.map(f32::to_bits)
}

#[test]
fn a_clamped_coordinate_shows_half_of_the_border() {
    const PROJECTED: &str = "FRAG\nDCL IN[0], GENERIC[0], PERSPECTIVE\nDCL OUT[0], COLOR\n\
        DCL SAMP[0]\nDCL SVIEW[0], 2D, FLOAT\n  0: TXP OUT[0], IN[0], SAMP[0], 2D\n  1: END\n";
    let all = both().map(|renderer| [SAMPLED, PROJECTED].map(|source| (renderer, source)));
    for (renderer, source) in all.into_iter().flatten() {
        let mut scene = Scene::new(renderer, WHOLE);
        scene.shader(ShaderStage::Vertex, WIDE);
        scene.shader(ShaderStage::Fragment, source);
        let texture = scene.guest.texture(Format::R8G8B8A8_UNORM, 1, 1).id;
        scene
            .guest
            .put(texture, &whole([1, 1, 1]), &[255, 0, 0, 255]);
        show(&mut scene, texture, Format::R8G8B8A8_UNORM, SEEN);
        let blue = border([0.0, 0.0, 1.0, 1.0]);
        let linear = SamplerState {
            border_color: blue,
            ..SAMPLER
        };
        sample(&mut scene, linear);
        scene.draw();
        let row = first_row(&mut scene);
        let is_half = |[r, g, b, a]: [u8; 4]| {
            r.abs_diff(128) < 2 && g == 0 && b.abs_diff(128) < 2 && a == 255
        };
        assert!(is_half(row[0]) && is_half(row[7]), "{row:?}");
        let nearest = SamplerState {
            min_filter: ImageFilter::Nearest,
            mag_filter: ImageFilter::Nearest,
            ..linear
        };
        sample(&mut scene, nearest);
        scene.draw();
        assert_eq!(first_row(&mut scene), [[255, 0, 0, 255]; 8]);
    }
}

/// The sampler's bias counts for look-ups that say nothing of levels, and for those that do.
#[test]
fn samplers_add_to_the_level_of_detail() {
    let levels = [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]];
    let lookups = [
        "TEX OUT[0], IN[0], SAMP[0], 2D",
        "TXP OUT[0], IN[0], SAMP[0], 2D",
        "TXL OUT[0], IN[0].xyzz, SAMP[0], 2D",
        "TXD OUT[0], IN[0], IMM[0].xyyy, IMM[0].yxxx, SAMP[0], 2D",
    ];
    for renderer in both() {
        for lookup in lookups {
            let mut scene = Scene::new(renderer, WHOLE);
            // A texel a pixel.
            scene.shader(
                ShaderStage::Vertex,
                "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[0]\n\
                 IMM[0] FLT32 { 0.5, 0.0, 1.0, 0.0 }\n  0: MOV OUT[0], IN[0]\n\
                 1: MAD OUT[1], IN[0], IMM[0].xxyy, IMM[0].xxyz\n  2: END\n",
            );
            let source = format!(
                "FRAG\nDCL IN[0], GENERIC[0], PERSPECTIVE\nDCL OUT[0], COLOR\nDCL SAMP[0]\n\
                 DCL SVIEW[0], 2D, FLOAT\nIMM[0] FLT32 {{ 0.125, 0.0, 0.0, 0.0 }}\n  0: {lookup}\n\
                 1: END\n"
            );
            scene.shader(ShaderStage::Fragment, &source);
            let texture = mipmapped(&mut scene, &levels);
            show_levels(&mut scene, texture, 2);
            for (bias, expected) in [(0.0, 0), (1.0, 1), (1.25, 1), (2.0, 2), (-1.0, 0)] {
                let state = SamplerState {
                    wrap: [Wrap::ClampToEdge; 3],
                    min_filter: ImageFilter::Nearest,
                    mag_filter: ImageFilter::Nearest,
                    mip_filter: MipFilter::Nearest,
                    lod_bias: bias,
                    ..SAMPLER
                };
                sample(&mut scene, state);
                scene.draw();
                assert_eq!(
                    first_row(&mut scene),
                    [levels[expected]; 8],
                    "{lookup}, {bias}"
                );
            }
        }
    }
}

/// A texture as large as the framebuffer, with a colour for each of its first levels.
fn mipmapped(scene: &mut Scene, levels: &[[u8; 4]]) -> u32 {
    let request = context::ResourceRequest {
        last_level: levels.len() as u32 - 1,
        ..common::texture(
            TextureTarget::Texture2D,
            Format::R8G8B8A8_UNORM,
            [SIZE, SIZE, 1],
        )
    };
    let texture = scene
        .guest
        .resource(&request, 4 * u64::from(SIZE * SIZE))
        .id;
    for (level, color) in (0..).zip(levels) {
        let size = SIZE >> level;
        let transfer = context::Transfer {
            level,
            ..whole([size, size, 1])
        };
        let texels = color.repeat((size * size) as usize);
        scene.guest.put(texture, &transfer, &texels);
    }
    texture
}

fn show_levels(scene: &mut Scene, texture: u32, last_level: u8) {
    let range = TextureRange {
        first_layer: 0,
        last_layer: 0,
        first_level: 0,
        last_level,
    };
    show_range(scene, texture, Format::R8G8B8A8_UNORM, SEEN, range);
}

#[test]
fn the_border_of_alpha_is_alpha() {
    const ALPHA: &str = "FRAG\nDCL IN[0], GENERIC[0], PERSPECTIVE\nDCL OUT[0], COLOR\n\
        DCL SAMP[0]\nDCL SVIEW[0], 2D, FLOAT\nDCL TEMP[0]\nIMM[0] FLT32 { 0.0, 0.0, 0.0, 1.0 }\n\
        0: TEX TEMP[0], IN[0], SAMP[0], 2D\n  1: MOV OUT[0], IMM[0].xxxw\n\
        2: MOV OUT[0].x, TEMP[0].wwww\n  3: END\n";
    let mut scene = Scene::new(core(), WHOLE);
    scene.shader(ShaderStage::Vertex, WIDE);
    scene.shader(ShaderStage::Fragment, ALPHA);
    let texture = scene.guest.texture(Format::A8_UNORM, 1, 1).id;
    let cases = [
        ([0.0, 0.0, 0.0, 1.0], 0, "rrr..rrr"),
        ([1.0, 1.0, 1.0, 0.0], 255, "...rr..."),
    ];
    for (color, texel, row) in cases {
        scene.guest.put(texture, &whole([1, 1, 1]), &[texel]);
        show(&mut scene, texture, Format::A8_UNORM, SEEN);
        let state = SamplerState {
            wrap: [Wrap::ClampToBorder; 3],
            min_filter: ImageFilter::Nearest,
            mag_filter: ImageFilter::Nearest,
            border_color: border(color),
            ..SAMPLER
        };
        sample(&mut scene, state);
        scene.draw();
        assert_eq!(scene.picture()[0], row);
    }
}

#[test]
fn a_comparison_goes_through_the_views_swizzle() {
    const COMPARED: &str = "FRAG\nDCL OUT[0], COLOR\nDCL SAMP[0]\nDCL SVIEW[0], SHADOW2D, FLOAT\n\
        DCL TEMP[0]\nIMM[0] FLT32 { 0.5, 0.5, 0.25, 1.0 }\n\
        0: TEX TEMP[0], IMM[0], SAMP[0], SHADOW2D\n  1: MOV OUT[0], TEMP[0].WHICH\n  2: END\n";
    let less = SamplerState {
        wrap: [Wrap::ClampToEdge; 3],
        compare: true,
        compare_func: CompareFunc::Less,
        ..SAMPLER
    };
    use ViewSwizzle::{One, Red, Zero};
    // 0.25 is less than 0.5, so the result is one.
    let cases = [
        ([Zero, Zero, Zero, Red], "wxyz", 'r'),
        ([Red, Red, Red, One], "xyzw", 'w'),
        ([Zero, One, Red, Zero], "xywz", 'g'),
        ([Red, Zero, Zero, Zero], "xyzw", 'r'),
    ];
    for renderer in both() {
        let mut scene = Scene::new(renderer, WHOLE);
        let texture = scene.guest.texture(Format::Z32_FLOAT, 1, 1).id;
        let depth = 0.5f32.to_le_bytes();
        scene.guest.put(texture, &whole([1, 1, 1]), &depth);
        sample(&mut scene, less);
        for (swizzle, which, seen) in cases {
            scene.shader(ShaderStage::Fragment, &COMPARED.replace("WHICH", which));
            show(&mut scene, texture, Format::Z32_FLOAT, swizzle);
            scene.draw();
            let row = seen.to_string().repeat(SIZE as usize);
            assert_eq!(
                scene.picture(),
                [(); 8].map(|()| row.clone()),
                "{swizzle:?}"
            );
        }
    }
}

#[test]
fn storage_buffers_count_from_the_lowest_register() {
    const STORES: &str = "FRAG\nDCL OUT[0], COLOR\nDCL BUFFER[2]\nDCL BUFFER[3]\n\
        IMM[0] UINT32 {0, 4, 7, 9}\n  0: STORE BUFFER[2].x, IMM[0].xxxx, IMM[0].zzzz\n\
        1: STORE BUFFER[3].x, IMM[0].yyyy, IMM[0].wwww\n  2: MOV OUT[0], IMM[0].xxxx\n  3: END\n";
    let mut scene = Scene::new(core(), WHOLE);
    scene.shader(ShaderStage::Fragment, STORES);
    let buffers = [(); 2].map(|()| scene.guest.buffer(8, BindFlags::SHADER_BUFFER).id);
    let slot = |id| BufferSlot {
        offset: 0,
        length: 8,
        resource: Some(resource(id)),
    };
    let slots = Slots {
        start: 0,
        values: buffers.map(slot).to_vec(),
    };
    scene.guest.run(&[Command::SetShaderBuffers(StageSlots {
        stage: ShaderStage::Fragment,
        slots,
    })]);
    scene.guest.run(&[
        draw(DRAW),
        Command::MemoryBarrier(MemoryBarrier::UPDATE_BUFFER),
    ]);
    let [first, second] = buffers.map(|id| scene.guest.get(id, &whole([8, 1, 1]), 8));
    assert_eq!(first, [7, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(second, [0, 0, 0, 0, 9, 0, 0, 0]);
}

#[test]
fn samples_without_attachments_are_shaded_one_by_one() {
    const COUNTS: &str = "FRAG\nDCL BUFFER[0]\nDCL TEMP[0]\nIMM[0] UINT32 {0, 1, 0, 0}\n\
        0: ATOMUADD TEMP[0].x, BUFFER[0], IMM[0].xxxx, IMM[0].yyyy\n  1: END\n";
    for (min_samples, count) in [(1, 64), (4, 256)] {
        let mut scene = Scene::new(core(), WHOLE);
        scene.shader(ShaderStage::Fragment, COUNTS);
        let buffer = scene.guest.buffer(4, BindFlags::SHADER_BUFFER).id;
        let slots = Slots {
            start: 0,
            values: vec![BufferSlot {
                offset: 0,
                length: 4,
                resource: Some(resource(buffer)),
            }],
        };
        let flags = RASTERIZER.flags | RasterizerFlags::MULTISAMPLE;
        scene.bind(
            BindableType::Rasterizer,
            Object::Rasterizer(Rasterizer {
                flags,
                ..RASTERIZER
            }),
        );
        scene.guest.run(&[
            Command::SetShaderBuffers(StageSlots {
                stage: ShaderStage::Fragment,
                slots,
            }),
            Command::SetFramebufferState(Framebuffer {
                depth_stencil: None,
                color: Vec::new(),
            }),
            Command::SetFramebufferStateNoAttach(FramebufferNoAttach {
                width: SIZE as u16,
                height: SIZE as u16,
                layers: 1,
                samples: 4,
            }),
            Command::SetMinSamples(min_samples),
            draw(DRAW),
            Command::MemoryBarrier(MemoryBarrier::UPDATE_BUFFER),
        ]);
        let bytes = scene.guest.get(buffer, &whole([4, 1, 1]), 4);
        let counted = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        // Samples of pixels on the diagonal belong to two triangles.
        let diagonal = if min_samples == 1 { 8 } else { 0 };
        assert!((count..=count + diagonal).contains(&counted), "{counted}");
    }
}

#[test]
fn polygons_alone_are_stippled() {
    for renderer in both() {
        let mut scene = Scene::new(renderer, WHOLE);
        let flags = RASTERIZER.flags | RasterizerFlags::POLY_STIPPLE;
        let rasterizer = Rasterizer {
            flags,
            ..RASTERIZER
        };
        scene.bind(BindableType::Rasterizer, Object::Rasterizer(rasterizer));
        scene.color([1.0, 0.0, 0.0, 1.0]);
        scene
            .guest
            .run(&[Command::SetPolygonStipple(Box::new([0; 32]))]);
        let mut drawn = Vec::new();
        for mode in [
            PrimitiveMode::TriangleStrip,
            PrimitiveMode::LineStrip,
            PrimitiveMode::Triangles,
        ] {
            scene.clear();
            scene.guest.run(&[draw(Draw { mode, ..DRAW })]);
            drawn.push(scene.picture().concat().contains('r'));
        }
        assert_eq!(drawn, [false, true, false]);
    }
}

#[test]
fn a_mask_of_two_samples_covers_half_of_more() {
    let mut scene = Scene::new(core(), WHOLE);
    let mut request = common::texture(TextureTarget::Texture2D, Format::R8G8B8A8_UNORM, [8, 8, 1]);
    request.nr_samples = 2;
    request.bind = BindFlags::RENDER_TARGET.bits();
    let samples = scene.guest.resource(&request, 4).id;
    let surface = scene.make(Object::Surface(Surface {
        resource: resource(samples),
        format: number(Format::R8G8B8A8_UNORM),
        level: 0,
        first_layer: 0,
        last_layer: 0,
    }));
    let flags = RASTERIZER.flags | RasterizerFlags::MULTISAMPLE;
    let rasterizer = Rasterizer {
        flags,
        ..RASTERIZER
    };
    scene.bind(BindableType::Rasterizer, Object::Rasterizer(rasterizer));
    scene.color([1.0; 4]);
    scene.guest.run(&[Command::SetFramebufferState(Framebuffer {
        depth_stencil: None,
        color: vec![Some(surface)],
    })]);
    scene.clear();
    scene.guest.run(&[Command::SetSampleMask(0b01), draw(DRAW)]);
    let end = |id| end(id, Format::R8G8B8A8_UNORM, 8);
    let blit = Blit {
        mask: BlitMask::R | BlitMask::G | BlitMask::B | BlitMask::A,
        filter: ImageFilter::Nearest,
        scissor: None,
        render_condition: false,
        alpha_blend: false,
        dst: end(scene.target),
        src: end(samples),
    };
    scene.guest.run(&[Command::Blit(Box::new(blit))]);
    let row = first_row(&mut scene);
    assert!(row[3].iter().all(|one| one.abs_diff(128) < 2), "{row:?}");
}

/// All of a square texture.
fn end(id: u32, format: Format, side: i32) -> BlitEnd {
    BlitEnd {
        resource: resource(id),
        level: 0,
        format: number(format),
        region: BlitBox {
            x: 0,
            y: 0,
            z: 0,
            width: side,
            height: side,
            depth: 1,
        },
    }
}

/// As for the next level of a texture.
#[test]
fn depths_are_averaged() {
    let format = Format::Z32_FLOAT;
    let mut guest = Guest::new(core());
    let [source, target] = [2, 1].map(|side| guest.texture(format, side, side).id);
    let depths = [0.0f32, 0.25, 0.75, 1.0].map(f32::to_le_bytes).concat();
    guest.put(source, &whole([2, 2, 1]), &depths);
    let blit = Blit {
        mask: BlitMask::Z,
        filter: ImageFilter::Linear,
        scissor: None,
        render_condition: false,
        alpha_blend: false,
        dst: end(target, format, 1),
        src: end(source, format, 2),
    };
    guest.run(&[Command::Blit(Box::new(blit))]);
    assert_eq!(
        guest.pixels(target, format, [1, 1, 1]),
        0.5f32.to_le_bytes()
    );
}

#[test]
fn guests_make_triangles_of_polygons_and_have_latc() {
    let capset = context::Renderer::capset(core(), context::CapsetId::VIRGL2, 2).unwrap();
    let capset = CapsV2::from_bytes(&capset).unwrap();
    assert_eq!(
        capset.v1.prim_mask & 1 << PrimitiveMode::Polygon.number(),
        0
    );
    assert_ne!(
        capset.v1.prim_mask & 1 << PrimitiveMode::TriangleFan.number(),
        0
    );
    for format in [
        Format::LATC1_UNORM,
        Format::LATC2_UNORM,
        Format::LATC2_SNORM,
    ] {
        assert!(capset.v1.sampler.contains(number(format)), "{format}");
    }
}

#[test]
fn buffers_are_sampled_through_swizzles() {
    const FETCHED: &str = "FRAG\nDCL OUT[0], COLOR\nDCL SAMP[0]\nDCL SVIEW[0], BUFFER, FLOAT\n\
        DCL TEMP[0]\nIMM[0] UINT32 {1, 0, 0, 0}\n\
        0: TXF TEMP[0], IMM[0], SAMP[0], BUFFER\n  1: MOV OUT[0], TEMP[0].WHICH\n  2: END\n";
    let cases = [
        (Format::A8_UNORM, "wxyz", 'r'),
        (Format::L8_UNORM, "xyzw", 'w'),
        (Format::I8_UNORM, "xyzw", 'w'),
        (Format::R8_UNORM, "xyzw", 'r'),
    ];
    let mut scene = Scene::new(core(), WHOLE);
    let buffer = scene.guest.buffer(4, BindFlags::SAMPLER_VIEW).id;
    scene.guest.put(buffer, &whole([4, 1, 1]), &[0, 255, 0, 0]);
    for (format, which, seen) in cases {
        scene.shader(ShaderStage::Fragment, &FETCHED.replace("WHICH", which));
        let view = scene.make(Object::SamplerView(SamplerView {
            resource: resource(buffer),
            format: number(format),
            target: TextureTarget::Buffer,
            range: ViewRange::of_buffer(BufferRange { first: 0, last: 3 }),
            swizzle: SEEN,
        }));
        let slots = Slots {
            start: 0,
            values: vec![Some(view)],
        };
        scene.guest.run(&[Command::SetSamplerViews(StageSlots {
            stage: ShaderStage::Fragment,
            slots,
        })]);
        scene.draw();
        let row = seen.to_string().repeat(SIZE as usize);
        assert_eq!(scene.picture(), [(); 8].map(|()| row.clone()), "{format}");
    }
}
