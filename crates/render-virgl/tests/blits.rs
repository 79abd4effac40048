//! Blits and copies.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::{Guest, both, core, number, resource, texture, whole};
use context::ResourceRequest;
use format::Format;
use render_virgl::Renderer;
use wire_virgl::{
    BindFlags, Blit, BlitBox, BlitEnd, BlitMask, Box3d, Clear, ClearBuffers, Command, Framebuffer,
    ImageFilter, Object, ResourceCopyRegion, Scissor, Surface, TextureTarget,
};

const COLOR: BlitMask = BlitMask::R
    .union(BlitMask::G)
    .union(BlitMask::B)
    .union(BlitMask::A);

fn region([x, y]: [i32; 2], [width, height]: [i32; 2]) -> BlitBox {
    BlitBox {
        x,
        y,
        z: 0,
        width,
        height,
        depth: 1,
    }
}

fn end(id: u32, format: Format, region: BlitBox) -> BlitEnd {
    BlitEnd {
        resource: resource(id),
        level: 0,
        format: number(format),
        region,
    }
}

fn blit(src: BlitEnd, dst: BlitEnd) -> Blit {
    Blit {
        mask: COLOR,
        filter: ImageFilter::Nearest,
        scissor: None,
        render_condition: false,
        alpha_blend: false,
        dst,
        src,
    }
}

fn run(guest: &mut Guest, blit: Blit) {
    guest.run(&[Command::Blit(Box::new(blit))]);
}

/// Two by two texels.
fn filled(guest: &mut Guest, format: Format, texels: &[u8]) -> u32 {
    let texture = guest.texture(format, 2, 2).id;
    guest.put(texture, &whole([2, 2, 1]), texels);
    texture
}

const FOUR: [u8; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const RGBA: Format = Format::R8G8B8A8_UNORM;

#[test]
fn colours_are_scaled_and_mirrored() {
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        let source = filled(&mut guest, RGBA, &FOUR);
        let target = guest.texture(RGBA, 4, 4).id;
        let from = end(source, RGBA, region([0, 0], [2, 2]));
        run(
            &mut guest,
            blit(from, end(target, RGBA, region([4, 0], [-4, 4]))),
        );
        let pixels = guest.pixels(target, RGBA, [4, 4, 1]);
        let first: Vec<u8> = pixels.iter().step_by(4).copied().collect();
        assert_eq!(first, [5, 5, 1, 1, 5, 5, 1, 1, 13, 13, 9, 9, 13, 13, 9, 9]);
    }
}

#[test]
fn formats_are_converted() {
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        let cases: [(Format, &[u8], [u8; 8]); 4] = [
            (Format::B8G8R8A8_UNORM, &FOUR, [3, 2, 1, 4, 7, 6, 5, 8]),
            (Format::R8G8B8X8_UNORM, &FOUR, [1, 2, 3, 255, 5, 6, 7, 255]),
            (
                Format::L8_UNORM,
                &[1, 2, 3, 4],
                [1, 1, 1, 255, 2, 2, 2, 255],
            ),
            (Format::A8_UNORM, &[1, 2, 3, 4], [0, 0, 0, 1, 0, 0, 0, 2]),
        ];
        for (format, texels, expected) in cases {
            let source = filled(&mut guest, format, texels);
            let target = guest.texture(RGBA, 2, 2).id;
            let all = region([0, 0], [2, 2]);
            run(
                &mut guest,
                blit(end(source, format, all), end(target, RGBA, all)),
            );
            let pixels = guest.pixels(target, RGBA, [2, 2, 1]);
            assert_eq!(pixels[..8], expected, "{format}");
        }
    }
}

#[test]
fn alpha_and_luminance_are_written_where_they_are() {
    let mut guest = Guest::new(core());
    let all = region([0, 0], [2, 2]);
    let source = filled(&mut guest, RGBA, &FOUR);
    for (format, expected) in [(Format::A8_UNORM, [4, 8]), (Format::L8_UNORM, [1, 5])] {
        let target = guest.texture(format, 2, 2).id;
        run(
            &mut guest,
            blit(end(source, RGBA, all), end(target, format, all)),
        );
        let pixels = guest.pixels(target, format, [2, 2, 1]);
        assert_eq!(pixels[..2], expected, "{format}");
    }
}

#[test]
fn scissors_and_masks_keep_texels() {
    let mut guest = Guest::new(core());
    let all = region([0, 0], [2, 2]);
    let source = filled(&mut guest, RGBA, &FOUR);
    let target = guest.texture(RGBA, 2, 2).id;
    let whole = blit(end(source, RGBA, all), end(target, RGBA, all));
    let scissor = Some(Scissor {
        min: (1, 0),
        max: (2, 1),
    });
    run(&mut guest, Blit { scissor, ..whole });
    assert_eq!(
        guest.pixels(target, RGBA, [2, 2, 1])[..8],
        [0, 0, 0, 0, 5, 6, 7, 8]
    );
    run(
        &mut guest,
        Blit {
            mask: BlitMask::G,
            ..whole
        },
    );
    assert_eq!(
        guest.pixels(target, RGBA, [2, 2, 1])[..8],
        [0, 2, 0, 0, 5, 6, 7, 8]
    );
}

/// Two by two pixels of four samples, or of one.
fn multisampled(guest: &mut Guest, format: Format, samples: u32) -> u32 {
    let request = texture(TextureTarget::Texture2D, format, [2, 2, 1]);
    let request = ResourceRequest {
        nr_samples: samples,
        bind: BindFlags::RENDER_TARGET.bits(),
        ..request
    };
    let pixel = u64::from(format.description().block.bytes);
    guest.resource(&request, pixel * 4).id
}

fn surface(guest: &mut Guest, id: u32, format: Format) -> wire_virgl::ObjectId {
    let surface = guest.object();
    let new = Object::Surface(Surface {
        resource: resource(id),
        format: number(format),
        level: 0,
        first_layer: 0,
        last_layer: 0,
    });
    guest.run(&[Command::CreateObject(surface, new)]);
    surface
}

const RED: [u32; 4] = [0x3f80_0000, 0, 0, 0x3f80_0000];

fn clear_red(guest: &mut Guest, id: u32) {
    let color = vec![Some(surface(guest, id, RGBA))];
    guest.run(&[
        Command::SetFramebufferState(Framebuffer {
            depth_stencil: None,
            color,
        }),
        Command::Clear(Clear {
            buffers: ClearBuffers::COLOR0,
            color: RED,
            depth: 0.0,
            stencil: 0,
        }),
    ]);
}

#[test]
fn samples_are_resolved() {
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        let source = multisampled(&mut guest, RGBA, 4);
        clear_red(&mut guest, source);
        let from = end(source, RGBA, region([0, 0], [2, 2]));
        for size in [2, 4] {
            let target = guest.texture(RGBA, size as u32, size as u32).id;
            run(
                &mut guest,
                blit(from, end(target, RGBA, region([0, 0], [size, size]))),
            );
            let pixels = guest.pixels(target, RGBA, [size as u32, size as u32, 1]);
            assert!(pixels.chunks(4).all(|pixel| pixel == [255, 0, 0, 255]));
        }
    }
}

/// OpenGL ES's own blit does none of it: it resolves where a pixel was, and writes no samples.
#[test]
fn samples_go_elsewhere_and_come_from_pixels() {
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        let source = multisampled(&mut guest, RGBA, 4);
        clear_red(&mut guest, source);
        let between = multisampled(&mut guest, RGBA, 4);
        let one = region([0, 0], [1, 1]);
        let other = region([1, 1], [1, 1]);
        run(
            &mut guest,
            blit(end(source, RGBA, one), end(between, RGBA, other)),
        );
        let pixel = filled(&mut guest, RGBA, &FOUR);
        run(
            &mut guest,
            blit(end(pixel, RGBA, one), end(between, RGBA, one)),
        );
        let target = filled(&mut guest, RGBA, &[0; 16]);
        run(
            &mut guest,
            blit(end(between, RGBA, other), end(target, RGBA, one)),
        );
        run(
            &mut guest,
            blit(end(between, RGBA, one), end(target, RGBA, other)),
        );
        let pixels = guest.pixels(target, RGBA, [2, 2, 1]);
        assert_eq!(pixels[..4], [255, 0, 0, 255]);
        assert_eq!(pixels[4..12], [0; 8]);
        assert_eq!(pixels[12..], [1, 2, 3, 4]);
    }
}

/// Alpha alone is red to the host, in samples, too.
#[test]
fn samples_of_alpha_are_alpha() {
    let alpha = Format::A8_UNORM;
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        let source = filled(&mut guest, alpha, &[1, 2, 3, 4]);
        let [between, other] = [(); 2].map(|()| multisampled(&mut guest, alpha, 4));
        let target = filled(&mut guest, alpha, &[0; 4]);
        let all = region([0, 0], [2, 2]);
        for (from, to) in [(source, between), (between, other), (other, target)] {
            run(&mut guest, blit(end(from, alpha, all), end(to, alpha, all)));
        }
        assert_eq!(guest.pixels(target, alpha, [2, 2, 1]), [1, 2, 3, 4]);
    }
}

/// From pixels to samples, to samples of another format, and back to pixels.
#[test]
fn stencil_goes_between_formats_and_samples() {
    let (packed, wide) = (Format::Z24_UNORM_S8_UINT, Format::Z32_FLOAT_S8X24_UINT);
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        let roads = [(packed, 1), (packed, 4), (wide, 4), (wide, 1)];
        let [first, second, third, last] =
            roads.map(|(format, samples)| multisampled(&mut guest, format, samples));
        let zs = surface(&mut guest, first, packed);
        guest.run(&[
            Command::SetFramebufferState(Framebuffer {
                depth_stencil: Some(zs),
                color: vec![],
            }),
            Command::Clear(Clear {
                buffers: ClearBuffers::DEPTH | ClearBuffers::STENCIL,
                color: [0; 4],
                depth: 0.25,
                stencil: 0xa5,
            }),
        ]);
        let all = region([0, 0], [2, 2]);
        let end = |id, format| end(id, format, all);
        for (from, to) in [
            (end(first, packed), end(second, packed)),
            (end(second, packed), end(third, wide)),
            (end(third, wide), end(last, wide)),
        ] {
            let mask = BlitMask::Z | BlitMask::S;
            run(
                &mut guest,
                Blit {
                    mask,
                    ..blit(from, to)
                },
            );
        }
        let pixels = guest.pixels(last, wide, [2, 2, 1]);
        for pixel in pixels.chunks(8) {
            let depth = f32::from_le_bytes([pixel[0], pixel[1], pixel[2], pixel[3]]);
            assert!((depth - 0.25).abs() < 1e-6, "{depth}");
            assert_eq!(pixel[4], 0xa5);
        }
    }
}

#[test]
fn depth_goes_between_formats() {
    for renderer in both() {
        depth_goes_between_formats_of(renderer);
    }
}

fn depth_goes_between_formats_of(renderer: &Renderer) {
    let mut guest = Guest::new(renderer);
    let half = 0.5f32.to_le_bytes().repeat(4);
    let source = filled(&mut guest, Format::Z32_FLOAT, &half);
    let target = guest.texture(Format::Z16_UNORM, 2, 2).id;
    let all = region([0, 0], [2, 2]);
    let (from, to) = (
        end(source, Format::Z32_FLOAT, all),
        end(target, Format::Z16_UNORM, all),
    );
    run(
        &mut guest,
        Blit {
            mask: BlitMask::Z,
            ..blit(from, to)
        },
    );
    let pixels = guest.pixels(target, Format::Z16_UNORM, [2, 2, 1]);
    let depth = u16::from_le_bytes([pixels[0], pixels[1]]);
    assert!((0x7ffe..=0x8001).contains(&depth), "{depth:#x}");
}

#[test]
fn layers_of_volumes_and_compressed_textures_are_sampled() {
    let mut guest = Guest::new(core());
    let request = texture(TextureTarget::Texture3D, RGBA, [1, 1, 3]);
    let source = guest.resource(&request, 12).id;
    guest.put(source, &whole([1, 1, 3]), &FOUR[..12]);
    let target = guest.texture(Format::R8G8B8X8_UNORM, 1, 1).id;
    let from = end(
        source,
        RGBA,
        BlitBox {
            z: 2,
            ..region([0, 0], [1, 1])
        },
    );
    let alpha = Blit {
        mask: BlitMask::R | BlitMask::G | BlitMask::B,
        ..blit(
            from,
            end(target, Format::R8G8B8X8_UNORM, region([0, 0], [1, 1])),
        )
    };
    run(&mut guest, alpha);
    let pixels = guest.pixels(target, Format::R8G8B8X8_UNORM, [1, 1, 1]);
    assert_eq!(pixels[..3], [9, 10, 11]);
    // One block of red.
    let dxt = Format::DXT1_RGBA;
    let source = guest.texture(dxt, 4, 4).id;
    guest.put(source, &whole([4, 4, 1]), &[0, 0xf8, 0, 0xf8, 0, 0, 0, 0]);
    let target = guest.texture(RGBA, 4, 4).id;
    let all = region([0, 0], [4, 4]);
    run(
        &mut guest,
        blit(end(source, dxt, all), end(target, RGBA, all)),
    );
    let pixels = guest.pixels(target, RGBA, [4, 4, 1]);
    assert!(pixels.chunks(4).all(|pixel| pixel == [255, 0, 0, 255]));
}

#[test]
fn copies_keep_bits() {
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        let source = filled(&mut guest, RGBA, &FOUR);
        // The same bits in another order, and as integers.
        for format in [RGBA, Format::B8G8R8A8_UNORM, Format::R32_UINT] {
            let target = guest.texture(format, 2, 2).id;
            guest.run(&[Command::ResourceCopyRegion(copy(
                source,
                target,
                [1, 0, 0],
                [1, 0],
                [1, 2],
            ))]);
            let pixels = guest.pixels(target, format, [2, 2, 1]);
            let expected = [0, 0, 0, 0, 5, 6, 7, 8, 0, 0, 0, 0, 13, 14, 15, 16];
            assert_eq!(pixels, expected, "{format}");
        }
    }
}

fn copy(
    src: u32,
    dst: u32,
    dst_origin: [u32; 3],
    [x, y]: [u32; 2],
    [width, height]: [u32; 2],
) -> ResourceCopyRegion {
    ResourceCopyRegion {
        dst: resource(dst),
        dst_level: 0,
        dst_origin,
        src: resource(src),
        src_level: 0,
        src_box: Box3d {
            x,
            y,
            z: 0,
            width,
            height,
            depth: 1,
        },
    }
}

#[test]
fn what_lies_outside_is_refused() {
    let mut guest = Guest::new(core());
    let source = filled(&mut guest, RGBA, &FOUR);
    let target = guest.texture(RGBA, 2, 2).id;
    let buffer = guest.buffer(16, BindFlags::VERTEX_BUFFER).id;
    let other = guest.buffer(16, BindFlags::VERTEX_BUFFER).id;
    let all = region([0, 0], [2, 2]);
    let good = blit(end(source, RGBA, all), end(target, RGBA, all));
    let deep = BlitBox { z: 1, ..all };
    let bad = [
        Command::ResourceCopyRegion(copy(source, target, [1, 0, 0], [0, 0], [2, 2])),
        Command::ResourceCopyRegion(copy(source, target, [0; 3], [u32::MAX, 0], [2, 2])),
        Command::ResourceCopyRegion(copy(buffer, target, [0; 3], [0, 0], [2, 1])),
        Command::ResourceCopyRegion(copy(buffer, other, [4, 0, 0], [0, 0], [13, 1])),
        Command::ResourceCopyRegion(copy(999, other, [0; 3], [0, 0], [1, 1])),
        Command::Blit(Box::new(Blit {
            src: end(source, RGBA, deep),
            ..good
        })),
        Command::Blit(Box::new(Blit {
            dst: end(target, RGBA, deep),
            filter: ImageFilter::Linear,
            render_condition: true,
            ..good
        })),
        Command::Blit(Box::new(Blit {
            src: BlitEnd {
                level: 1,
                ..good.src
            },
            ..good
        })),
        Command::Blit(Box::new(Blit {
            dst: end(buffer, RGBA, all),
            ..good
        })),
        Command::Blit(Box::new(Blit {
            dst: end(target, Format::DXT1_RGBA, all),
            ..good
        })),
    ];
    for command in &bad {
        assert_eq!(
            guest.failures(std::slice::from_ref(command)),
            1,
            "{command:?}"
        );
    }
    let lowest = BlitBox {
        x: i32::MIN,
        y: i32::MIN,
        z: 0,
        width: i32::MIN,
        height: i32::MAX,
        depth: 1,
    };
    run(
        &mut guest,
        Blit {
            src: end(source, RGBA, lowest),
            render_condition: true,
            ..good
        },
    );
    run(&mut guest, good);
    assert_eq!(guest.pixels(target, RGBA, [2, 2, 1]), FOUR);
}

#[test]
fn old_contexts_blit() {
    common::run_on_old_contexts("old_contexts_blit");
}
